using System.Diagnostics;
using System.Text;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// A program that runs as a process of its own, with what it prints. Ended with SIGTERM, so that it can clean up.
/// </summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

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

    /// <summary>Asks again and again until the program answers as wanted; fails if it ends or takes too long.</summary>
    public async Task<T> WaitForAsync<T>(Func<Task<T?>> ask)
        where T : class
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var clock = Stopwatch.StartNew();
        for (; clock.Elapsed < Patience && !HasExited; await timer.WaitForNextTickAsync())
        {
            try
            {
                if (await ask() is { } answer)
                    return answer;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
        }

        throw new AssertionException(
            $"The program {(HasExited ? "ended" : "did not answer in time")}. It printed:\n{Output}");
    }

    /// <summary>Waits for the end, after SIGTERM if wanted, and returns the exit code.</summary>
    public async Task<int> EndAsync(bool terminate = false)
    {
        if (terminate)
            await TerminateAsync();
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await TerminateAsync();
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private Task<Command> TerminateAsync() => Command.RunAsync("kill", ["-TERM", $"{_process.Id}"]);

    private void Append(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
            _output.AppendLine(line.Data);
    }
}
