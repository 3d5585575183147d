using System.Reflection;

namespace Orchestrator.Metrics.Tests;

internal sealed class SampleProgram : IAsyncDisposable
{
    private SampleProgram(RunningProgram program, Uri address)
    {
        Program = program;
        Client = new HttpClient { BaseAddress = address };
    }

    public RunningProgram Program { get; }

    public HttpClient Client { get; }

    public static async Task<SampleProgram> StartAsync(params (string Name, string? Value)[] environment)
    {
        var sample = Launch(environment);
        await sample.Program.WaitForAsync(async () => await sample.Client.GetStringAsync("/"));
        return sample;
    }

    public static SampleProgram Launch(params (string Name, string? Value)[] environment) =>
        Launch(new Uri($"http://127.0.0.1:{FreePort.Find()}"), environment);

    public static SampleProgram Launch(Uri address, params (string Name, string? Value)[] environment)
    {
        var configuration = typeof(SampleProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(metadata => metadata.Key == "Configuration").Value!;
        var dll = Path.Combine(
            TestFiles.Root, "samples", "Orchestrator.Metrics.Sample", "bin", configuration, "net10.0",
            "Orchestrator.Metrics.Sample.dll");
        return new SampleProgram(
            RunningProgram.Start("dotnet", [dll, "--urls", $"http://{address.Authority}"], environment), address);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Program.DisposeAsync();
    }
}
