using System.Net;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

/// <summary>The exporter, started as a process on a free port.</summary>
internal sealed class ExporterProcess : IAsyncDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "orchestrator-metrics-exporter.dll");

    private readonly RunningProgram _program;

    private ExporterProcess(RunningProgram program, Uri address, HttpMessageHandler handler)
    {
        _program = program;
        Client = new HttpClient(handler) { BaseAddress = address };
    }

    public HttpClient Client { get; }

    public string Output => _program.Output;

    /// <summary>Starts the exporter, and waits until it listens.</summary>
    public static async Task<ExporterProcess> StartAsync(
        string databaseUri, string[]? flags = null, params (string Name, string? Value)[] environment) =>
        await StartAsync("http", new SocketsHttpHandler(), databaseUri, flags, environment);

    /// <summary>Starts the exporter with TLS. The handler must trust its certificate.</summary>
    public static async Task<ExporterProcess> StartTlsAsync(
        HttpMessageHandler handler, string databaseUri, params string[] flags) =>
        await StartAsync("https", handler, databaseUri, flags);

    private static async Task<ExporterProcess> StartAsync(
        string scheme, HttpMessageHandler handler, string databaseUri, string[]? flags,
        params (string Name, string? Value)[] environment)
    {
        var address = new Uri($"{scheme}://127.0.0.1:{FreePort.Find()}");
        var exporter = new ExporterProcess(
            RunningProgram.Start(
                "dotnet", [Program, $"--web.listen-address={address.Authority}", .. flags ?? []],
                [("DATABASE_URI", databaseUri), .. environment]),
            address, handler);
        await exporter._program.WaitForAsync(() => exporter.Client.GetStringAsync("/-/healthy")!);
        return exporter;
    }

    /// <summary>Runs the exporter until it exits.</summary>
    public static Task<Command> RunAsync(string[] flags, params (string Name, string? Value)[] environment) =>
        Command.RunAsync("dotnet", [Program, .. flags], environment: environment);

    /// <summary>Runs the exporter until it exits, with a standard output that cannot be written.</summary>
    public static Task<Command> RunWithoutOutputAsync(params string[] flags) =>
        Command.RunAsync("sh", ["-c", "exec dotnet \"$0\" \"$@\" >/dev/full", Program, .. flags]);

    public Task<string> ScrapeAsync() => Client.GetStringAsync("/api/metrics");

    /// <summary>Waits until the first collection has completed, even if it failed.</summary>
    public Task WaitUntilReadyAsync() => Waiting.UntilAsync(
        async () =>
        {
            using var response = await Client.GetAsync("/-/ready");
            return response.StatusCode;
        },
        status => status == HttpStatusCode.OK);

    public Task SignalAsync(string signal) => _program.SignalAsync(signal);

    public Task<int> TerminateAsync() => _program.WaitForExitAsync(terminate: true);

    public Task WaitForOutputAsync(string text) =>
        Waiting.UntilAsync(() => Output, output => output.Contains(text, StringComparison.Ordinal), text);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _program.DisposeAsync();
    }
}
