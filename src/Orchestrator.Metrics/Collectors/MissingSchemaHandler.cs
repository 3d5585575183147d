using System.Collections.Concurrent;
using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.Collectors;

/// <summary>
/// Returns no rows while the schema does not exist yet, and logs one warning per collector. Once a collector has read
/// its schema in this process, a missing schema is a failure. Lives as long as the application, unlike the collectors
/// that use it. Thread-safe.
/// </summary>
internal sealed class MissingSchemaHandler(MetricsLog log)
{
    // By collector: true if it has read its schema, false if only the warning was logged.
    private readonly ConcurrentDictionary<string, bool> _hasRead = [];

    public async Task<IReadOnlyList<T>> GetRowsOrEmptyAsync<T>(
        string collector, Func<CancellationToken, Task<IReadOnlyList<T>>> query, CancellationToken cancellationToken)
    {
        try
        {
            var rows = await query(cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException(
                    "The repository returned null. Return the rows, or an empty list.");
            _hasRead[collector] = true;
            return rows;
        }
        catch (SchemaNotFoundException exception) when (!_hasRead.GetValueOrDefault(collector))
        {
            if (_hasRead.TryAdd(collector, false))
                log.MissingSchema(exception, collector);
            return [];
        }
    }
}
