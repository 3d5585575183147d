using System.Collections.Concurrent;

namespace Orchestrator.Metrics.Redis;

internal sealed class RedisResultStore(
    RedisConnection connection, TimeProvider time, RedisLog log, string keyPrefix, string keySuffix)
    : ICollectorResultStore, IDisposable
{
    private readonly ConcurrentDictionary<string, string> _problems = [];

    public async Task<CollectorResult> GetOrCollectAsync(
        CollectorResultRequest request, Func<Task<CollectorResult>> collect, CancellationToken cancellationToken)
    {
        var run = new SharedRun(this, connection, time, request, GetKey(request), cancellationToken);
        return await run.GetAsync().ConfigureAwait(false)
            ?? await run.CollectAsync(collect).ConfigureAwait(false);
    }

    /// <summary>Logs a problem with a key. Logs nothing more for the key until <see cref="OnStored"/>.</summary>
    public void Report(CollectorResultRequest request, string problem)
    {
        var key = GetKey(request);
        if (_problems.TryAdd(key, problem))
            log.NotShared(request.Collector, key, problem.TrimEnd('.'));
    }

    public void OnStored(CollectorResultRequest request) => _problems.TryRemove(GetKey(request), out _);

    public void Dispose() => connection.Dispose();

    private string GetKey(CollectorResultRequest request) =>
        $"{keyPrefix}:{request.Collector}:{request.OptionsHash}" + (keySuffix.Length > 0 ? $":{keySuffix}" : "");
}
