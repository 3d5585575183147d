using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

/// <summary>The exporter, started as a process on a free port.</summary>
internal sealed class ExporterProcess : IAsyncDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "orchestrator-metrics-exporter.dll");

    private readonly RunningProgram _program;

    private ExporterProcess(RunningProgram program, Uri address)
    {
        _program = program;
        Client = new HttpClient { BaseAddress = address };
    }

    public HttpClient Client { get; }

    public string Output => _program.Output;

    /// <summary>Starts the exporter, and waits until it listens.</summary>
    public static async Task<ExporterProcess> StartAsync(
        string databaseUri, string[]? flags = null, params (string Name, string? Value)[] environment)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var exporter = new ExporterProcess(
            RunningProgram.Start(
                "dotnet", [Program, $"--web.listen-address={address.Authority}", .. flags ?? []],
                [("DATABASE_URI", databaseUri), .. environment]),
            address);
        await exporter._program.WaitForAsync(() => exporter.Client.GetStringAsync("/-/healthy")!);
        return exporter;
    }

    /// <summary>Runs the exporter to its end.</summary>
    public static Task<Command> RunAsync(string[] flags, params (string Name, string? Value)[] environment) =>
        Command.RunAsync("dotnet", [Program, .. flags], environment: environment);

    public Task<string> ScrapeAsync() => Client.GetStringAsync("/api/metrics");

    public Task SignalAsync(string signal) => _program.SignalAsync(signal);

    public Task<int> TerminateAsync() => _program.EndAsync(terminate: true);

    public Task WaitForOutputAsync(string text) =>
        Waiting.UntilAsync(() => Output, output => output.Contains(text, StringComparison.Ordinal), text);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _program.DisposeAsync();
    }
}
