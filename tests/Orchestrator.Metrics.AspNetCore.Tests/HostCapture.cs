using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// Runs an unmodified program that builds and runs a host. Captures the host from the diagnostic event that the runtime
/// raises when the host has been built.
/// </summary>
internal sealed class HostCapture
    : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IAsyncDisposable
{
    private static readonly AsyncLocal<HostCapture?> Current = new();

    private readonly TaskCompletionSource<IHost> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IDisposable _subscription;
    private readonly Task _running;

    private HostCapture(Action<string[]> program)
    {
        Current.Value = this;
        _subscription = DiagnosticListener.AllListeners.Subscribe(this);
        _running = Task.Factory.StartNew(
            () => program(
                ["--urls", Url, "--ENABLE_PROMETHEUS_METRICS_ENDPOINT=true", "--Logging:LogLevel:Default=None"]),
            TaskCreationOptions.LongRunning);
    }

    public string Url { get; } = $"http://127.0.0.1:{FreePort.Find()}";

    public HttpClient Client { get; } = new();

    public IHost Host => _built.Task.Result;

    public static async Task<HostCapture> RunAsync(Action<string[]> program)
    {
        var capture = new HostCapture(program);
        capture.Client.BaseAddress = new Uri(capture.Url);
        await (await Task.WhenAny(capture._built.Task, capture._running)).Soon();
        var started = new TaskCompletionSource();
        capture.Host.Services.GetRequiredService<IHostApplicationLifetime>()
            .ApplicationStarted.Register(started.SetResult);
        await (await Task.WhenAny(started.Task, capture._running)).Soon();
        return capture;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await _running.Soon();
        _subscription.Dispose();
    }

    void IObserver<DiagnosticListener>.OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.Extensions.Hosting")
            value.Subscribe(this);
    }

    void IObserver<KeyValuePair<string, object?>>.OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key == "HostBuilt" && Current.Value == this)
            _built.TrySetResult((IHost)value.Value!);
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }
}
