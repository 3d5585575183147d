using System.Diagnostics;
using System.Text;

namespace Orchestrator.Metrics.Tests;

/// <summary>A process that disposal terminates with SIGTERM, so it can clean up.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    // Long enough for "dotnet run" on two busy cores: it first builds several projects.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(4);

    private readonly StringBuilder _output = new();
    private readonly Process _process;

    private RunningProgram(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += Append;
        _process.ErrorDataReceived += Append;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public bool HasExited => _process.HasExited;

    public static RunningProgram Start(
        string program, IEnumerable<string> arguments, params (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new RunningProgram(start);
    }

    /// <summary>Fails at the timeout, or if the program exits first.</summary>
    public async Task<T> WaitForAsync<T>(Func<Task<T?>> poll)
        where T : class
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var clock = Stopwatch.StartNew();
        for (; clock.Elapsed < Timeout && !HasExited; await timer.WaitForNextTickAsync())
        {
            try
            {
                if (await poll() is { } result)
                    return result;
            }
            catch (HttpRequestException)
            {
                // The program is not listening yet.
            }
        }

        var problem = HasExited ? "exited" : $"did not respond as expected within {Timeout.TotalMinutes} minutes";
        throw new AssertionException($"The program {problem}. It printed:\n{Output}");
    }

    public async Task<int> WaitForExitAsync(bool terminate = false)
    {
        if (terminate)
            await TerminateAsync();
        using var timeout = new CancellationTokenSource(Timeout);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    public Task SignalAsync(string signal) => Command.RunAsync("kill", [$"-{signal}", $"{_process.Id}"]);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await TerminateAsync();
        using var timeout = new CancellationTokenSource(Timeout);
        await _process.WaitForExitAsync(timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private Task TerminateAsync() => SignalAsync("TERM");

    private void Append(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
            _output.AppendLine(line.Data);
    }
}
