using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Metrics.Benchmarks.Load;

/// <summary>A program that serves metrics, with its processor time and memory as reported by Linux.</summary>
internal sealed class MeasuredProgram : IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly HttpClient _client;

    private MeasuredProgram(Process process, HttpClient client) => (_process, _client) = (process, client);

    public static async Task<MeasuredProgram> StartAsync(ProcessStartInfo start, Uri address)
    {
        start.RedirectStandardError = start.RedirectStandardOutput = true;
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => Debug.WriteLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var program = new MeasuredProgram(
            process, new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) });
        var startedAt = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await program.ScrapeAsync();
                return program;
            }
            catch (HttpRequestException) when (
                !process.HasExited && TimeProvider.System.GetElapsedTime(startedAt) < StartTimeout)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    public Task<byte[]> ScrapeAsync() => _client.GetByteArrayAsync("/metrics");

    public TimeSpan ProcessorTime => ProcessorTimes.ReadProcess(_process.Id);

    /// <summary>The peak memory of the program, in MB.</summary>
    public double PeakMemory
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").First(
                line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            var kibibytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
            return double.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024 / 1e6;
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _client.Dispose();
    }
}
