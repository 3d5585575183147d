using System.Collections.Concurrent;
using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.Collectors;

/// <summary>
/// Returns no rows while the schema does not exist yet, and logs one warning per collector. Once a collector has read
/// its schema, a missing schema is a failure. Lives as long as the application, unlike the collectors that use it.
/// Thread-safe.
/// </summary>
internal sealed class MissingSchemaHandler(SafeLogger logger)
{
    private readonly MetricsLog _log = new(logger);
    private readonly ConcurrentDictionary<string, bool> _missing = [];
    private readonly ConcurrentDictionary<string, bool> _seen = [];

    public async Task<IReadOnlyList<T>> RowsOrEmptyAsync<T>(
        string collector, Func<CancellationToken, Task<IReadOnlyList<T>>> query, CancellationToken cancellationToken)
    {
        try
        {
            var rows = await query(cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException(
                    "The repository returned null. Return the rows, or an empty list.");
            _seen[collector] = true;
            return rows;
        }
        catch (SchemaNotFoundException exception) when (!_seen.ContainsKey(collector))
        {
            if (_missing.TryAdd(collector, true))
                _log.MissingSchema(exception, collector);
            return [];
        }
    }
}
