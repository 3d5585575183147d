using System.Diagnostics;
using System.Globalization;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Peers;

/// <summary>
/// A program in another language that uses a client library of that language. It reads the rows once. For each input
/// line, it scrapes once, and prints the elapsed nanoseconds and the allocated bytes (-1 if unknown). For
/// <c>write FILE</c>, it also writes the exposition to the file.
/// </summary>
internal sealed class PeerProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private PeerProgram(string name, Process process, DirectoryInfo folder) =>
        (Name, _process, _folder) = (name, process, folder);

    public string Name { get; }

    /// <summary>
    /// Builds and starts the Go program. If Go or the library is not installed, prints a note and returns null.
    /// </summary>
    public static async Task<PeerProgram?> StartGoAsync(string rows)
    {
        const string name = "client_golang, const metrics";
        var folder = Directory.CreateTempSubdirectory();
        var program = Path.Combine(folder.FullName, "scrape");
        var build = new ProcessStartInfo("go", ["build", "-o", program, GetSourcePath("scrape.go")]) { RedirectStandardError = true };

        // Debian packages of Go libraries are sources in a GOPATH.
        build.Environment["GOPATH"] = "/usr/share/gocode";
        build.Environment["GO111MODULE"] = "off";
        if (await SucceedsAsync(build))
            return await StartAsync(name, folder, program, rows);
        folder.Delete(recursive: true);
        ReportMissing(name, "golang-go golang-github-prometheus-client-golang-dev");
        return null;
    }

    /// <summary>
    /// Starts the Python program. If the library is not installed, prints a note and returns null.
    /// </summary>
    public static async Task<PeerProgram?> StartPythonAsync(string rows)
    {
        const string name = "prometheus_client, custom collector";
        var import = new ProcessStartInfo("/usr/bin/python3", ["-c", "import prometheus_client"]) { RedirectStandardError = true };
        if (await SucceedsAsync(import))
            return await StartAsync(name, Directory.CreateTempSubdirectory(), "/usr/bin/python3", GetSourcePath("scrape.py"), rows);
        ReportMissing(name, "python3-prometheus-client");
        return null;
    }

    public async Task<Lap> ScrapeAsync()
    {
        var response = (await SendAsync("scrape")).Split(' ');
        var nanoseconds = long.Parse(response[0], CultureInfo.InvariantCulture);
        var allocated = long.Parse(response[1], CultureInfo.InvariantCulture);
        return new Lap(TimeSpan.FromTicks(nanoseconds / 100), allocated < 0 ? null : allocated);
    }

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

    private async Task<string> SendAsync(string request)
    {
        await _process.StandardInput.WriteLineAsync(request);
        await _process.StandardInput.FlushAsync();
        return await _process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException($"{Name} exited during '{request}'. See its errors above.");
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

    private static void ReportMissing(string name, string packages) =>
        Console.WriteLine($"\nNot measured: {name}. Install these Debian packages: {packages}.");

    private static string GetSourcePath(string file) => Path.Combine(AppContext.BaseDirectory, "Peers", file);
}
