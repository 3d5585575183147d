using System.Diagnostics;
using System.Globalization;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Peers;

/// <summary>
/// A client library of another language in a separate process. It reads the rows once. For each input line it scrapes
/// and prints the elapsed nanoseconds and the allocated bytes; for <c>write FILE</c> it writes the exposition.
/// </summary>
internal sealed class PeerProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private PeerProgram(string name, Process process, DirectoryInfo folder) =>
        (Name, _process, _folder) = (name, process, folder);

    public string Name { get; }

    /// <summary>Starts the Go program. Reports and returns null if Go or the library is not installed.</summary>
    public static async Task<PeerProgram?> StartGoAsync(string rows)
    {
        const string name = "client_golang, const metrics";
        var folder = Directory.CreateTempSubdirectory();
        var program = Path.Combine(folder.FullName, "scrape");
        var build = new ProcessStartInfo("go", ["build", "-o", program, Source("scrape.go")]) { RedirectStandardError = true };

        // Debian packages of Go libraries are sources in a GOPATH.
        build.Environment["GOPATH"] = "/usr/share/gocode";
        build.Environment["GO111MODULE"] = "off";
        if (await SucceedsAsync(build))
            return await StartAsync(name, folder, program, rows);
        folder.Delete(recursive: true);
        Missing(name, "golang-go and golang-github-prometheus-client-golang-dev");
        return null;
    }

    /// <summary>Starts the Python program. Reports and returns null if the library is not installed.</summary>
    public static async Task<PeerProgram?> StartPythonAsync(string rows)
    {
        const string name = "prometheus_client, custom collector";
        var import = new ProcessStartInfo("/usr/bin/python3", ["-c", "import prometheus_client"]) { RedirectStandardError = true };
        if (await SucceedsAsync(import))
            return await StartAsync(name, Directory.CreateTempSubdirectory(), "/usr/bin/python3", Source("scrape.py"), rows);
        Missing(name, "python3-prometheus-client");
        return null;
    }

    /// <summary>Runs one scrape, which the program times itself.</summary>
    public async Task<Lap> ScrapeAsync()
    {
        var answer = (await SendAsync("scrape")).Split(' ');
        var nanoseconds = long.Parse(answer[0], CultureInfo.InvariantCulture);
        var allocated = long.Parse(answer[1], CultureInfo.InvariantCulture);
        return new Lap(TimeSpan.FromTicks(nanoseconds / 100), allocated < 0 ? null : allocated);
    }

    /// <summary>Writes the scraped exposition to a stream.</summary>
    public async Task WriteAsync(Stream stream)
    {
        var file = Path.Combine(_folder.FullName, "text");
        await SendAsync($"write {file}");
        await stream.WriteAsync(await File.ReadAllBytesAsync(file));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<PeerProgram> StartAsync(
        string name, DirectoryInfo folder, string program, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var peer = new PeerProgram(name, process, folder);
        await peer.SendAsync("scrape");
        return peer;
    }

    private async Task<string> SendAsync(string question)
    {
        await _process.StandardInput.WriteLineAsync(question);
        await _process.StandardInput.FlushAsync();
        return await _process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException($"{Name} ended with {question}.");
    }

    private static async Task<bool> SucceedsAsync(ProcessStartInfo start)
    {
        try
        {
            using var process = Process.Start(start)!;
            await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static void Missing(string name, string packages) =>
        Report.Note($"\nNot measured: {name} (Debian packages {packages}).");

    private static string Source(string file) => Path.Combine(AppContext.BaseDirectory, "Peers", file);
}
