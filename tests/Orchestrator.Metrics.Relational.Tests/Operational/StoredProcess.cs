using System.Globalization;

namespace Orchestrator.Metrics.Tests.Operational;

/// <summary>A time in a database, as text and in microseconds since the Unix epoch.</summary>
/// <param name="Text">The time in the syntax of PostgreSQL.</param>
/// <param name="Microseconds">The microseconds; null if the time is infinite or unreadable.</param>
internal sealed record StoredTime(string Text, decimal? Microseconds)
{
    public static readonly StoredTime Infinity = new("infinity", null);
    public static readonly StoredTime MinusInfinity = new("-infinity", null);

    // From SELECT extract(epoch FROM timestamptz '…') in PostgreSQL.
    public static readonly StoredTime Earliest = new("4713-01-01 00:00:00+00 BC", -210_863_520_000_000_000m);
    public static readonly StoredTime Latest = new("294276-12-31 23:59:59.999999+00", 9_224_318_015_999_999_999m);

    public static StoredTime Create(DateTime time) => new(
        time.ToString("yyyy-MM-dd HH:mm:ss.ffffff+00", CultureInfo.InvariantCulture),
        (time - DateTime.UnixEpoch).Ticks / 10);
}

internal sealed record StoredProcess(
    StoredWorkflow Workflow, string Status, bool IsTask, StoredTime Started, StoredTime Changed);

internal sealed record StoredWorkflow(string Name, string Target);
