using System.Collections.Concurrent;
using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.Collectors;

/// <summary>
/// Returns no rows while a schema does not exist, and logs one warning per collector, repeated only after the schema
/// existed in between. A singleton, unlike the collectors that use it. Thread-safe.
/// </summary>
internal sealed class MissingSchemaHandler(SafeLogger logger)
{
    private readonly MetricsLog _log = new(logger);
    private readonly ConcurrentDictionary<string, bool> _missing = [];

    public async Task<IReadOnlyList<T>> RowsOrEmptyAsync<T>(
        string collector, Func<CancellationToken, Task<IReadOnlyList<T>>> query, CancellationToken cancellationToken)
    {
        try
        {
            var rows = await query(cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException(
                    "The repository returned null. Return the rows, or an empty list.");
            _missing.TryRemove(collector, out _);
            return rows;
        }
        catch (SchemaNotFoundException exception)
        {
            if (_missing.TryAdd(collector, true))
                _log.MissingSchema(exception, collector);
            return [];
        }
    }
}
