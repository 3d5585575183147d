using System.Runtime.InteropServices;
using Orchestrator.Metrics.Exporter.Checks;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Hosting;
using Orchestrator.Metrics.Exporter.Web;

namespace Orchestrator.Metrics.Exporter;

internal static class ExporterProgram
{
    private const int Success = 0;
    private const int Failure = 1;
    private const int WrongFlags = 2;

    public static async Task<int> RunAsync(
        string[] arguments, IReadOnlyDictionary<string, string> environment, TextWriter output, TextWriter errors)
    {
        var flags = CommandLine.Parse(arguments);
        if (flags.Help)
        {
            HelpText.Write(output);
            return Success;
        }

        if (flags.Version)
        {
            output.WriteLine($"{Product.Name}, version {Product.Version}");
            return Success;
        }

        if (flags.Errors.Count > 0)
        {
            Report(flags.Errors, errors);
            return WrongFlags;
        }

        try
        {
            var loader = new ConfigurationLoader(flags.Values, environment);
            if (flags.Check)
                return await ExporterCheck.RunAsync(loader, output) ? Success : Failure;
            if (flags.Once)
                return await SingleScrape.RunAsync(loader) ? Success : Failure;
            await ServeAsync(loader);
            return Success;
        }
        catch (ConfigurationException exception)
        {
            Report(exception.Errors, errors);
            return Failure;
        }
    }

    private static async Task ServeAsync(ConfigurationLoader loader)
    {
        var options = loader.Load();
        var log = new LogSettings(options);
        using var loggers = log.CreateLoggerFactory();
        var access = new WebAccess(options, loggers, TimeProvider.System);
        var host = MetricsHost.Create(options, loggers);
        await using var exporter = new ReloadableExporter(loader, options, host, log, loggers);
        log.Update(options, host);
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            exporter.RequestReload();
        });
        await ExporterServer.RunAsync(options, access, exporter, loggers);
    }

    private static void Report(IEnumerable<string> problems, TextWriter errors)
    {
        foreach (var problem in problems)
            errors.WriteLine($"{Product.Name}: {problem.ReplaceLineEndings(" ")}");
    }
}
