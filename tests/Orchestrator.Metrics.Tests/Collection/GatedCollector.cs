using System.Threading.Channels;

namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>
/// A collector whose runs end when the test completes them or, unless the collector ignores its token, when they are
/// cancelled.
/// </summary>
internal sealed class GatedCollector(string family, bool ignoresToken = false) : IMetricsCollector
{
    private readonly Channel<GatedRun> _started = Channel.CreateUnbounded<GatedRun>();
    private readonly TaskCompletionSource<double> _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runs;
    private int _running;
    private int _mostRunning;

    public string Family => family;

    public int Runs => Volatile.Read(ref _runs);

    public int Running => Volatile.Read(ref _running);

    public int MostRunning => Volatile.Read(ref _mostRunning);

    public Task<GatedRun> WaitForRunAsync() => _started.Reader.ReadAsync().AsTask().Soon();

    /// <summary>Completes all current and later runs.</summary>
    public void ReturnAll(double value = 1) => _open.SetResult(value);

    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _runs);
        _mostRunning = Math.Max(_mostRunning, Interlocked.Increment(ref _running));
        try
        {
            var run = new GatedRun(cancellationToken);
            _started.Writer.TryWrite(run);
            var value = await Task.WhenAny(run.Value, _open.Task).Unwrap()
                .WaitAsync(ignoresToken ? CancellationToken.None : cancellationToken);
            return FakeCollector.CreateGauge(family, value);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}

internal sealed class GatedRun
{
    private readonly TaskCompletionSource<double> _value = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GatedRun(CancellationToken token)
    {
        Token = token;
        token.Register(_cancelled.SetResult);
    }

    public CancellationToken Token { get; }

    public Task<double> Value => _value.Task;

    public Task Cancelled => _cancelled.Task.Soon();

    public void Return(double value = 1) => _value.SetResult(value);

    public void Fail(Exception exception) => _value.SetException(exception);
}
