using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Hosting;
using Orchestrator.Metrics.Exporter.Web;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Exporter.Checks;

/// <summary>Uses the connections and collectors of the real host, so that the report applies to real scrapes.</summary>
internal static class ExporterCheck
{
    /// <returns>Whether all checks succeeded.</returns>
    public static async Task<bool> RunAsync(ConfigurationLoader loader, TextWriter output)
    {
        var report = new CheckReport(output);
        var warnings = new WarningLog();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(warnings));
        try
        {
            var options = loader.Load();
            options.Mode = RunMode.Check;
            var access = new WebAccess(options, loggers, TimeProvider.System);
            await using var host = MetricsHost.Create(options, loggers);
            report.AddSuccess("configuration", options.ConfigFile ?? "No file is used.");
            if (access.Tls is { } tls)
                CheckCertificate(tls, report);
            await CheckAsync(host, options, report);
        }
        catch (ConfigurationException exception)
        {
            foreach (var error in exception.Errors)
                report.AddFailure("configuration", error);
        }

        foreach (var message in warnings.Messages)
            report.AddNote(message);
        report.WriteTotal();
        return !report.HasFailed;
    }

    private static void CheckCertificate(ServerTls tls, CheckReport report)
    {
        if (tls.HasExpired(TimeProvider.System.GetUtcNow()))
            report.AddFailure(
                "certificate",
                $"{tls.Source} expired at {tls.ExpiryText}. Prometheus rejects it. Replace the certificate.");
        else
            report.AddSuccess("certificate", $"{tls.Source} is valid until {tls.ExpiryText}.");
    }

    private static async Task CheckAsync(MetricsHost host, ExporterOptions options, CheckReport report)
    {
        var failures = new FailureText(options, host.Database);
        var canReadTables = host.Database is { } database
            && await new DatabaseCheck(database, failures, report).RunAsync(CoreTables.GetTables(options));
        await new CollectorCheck(host.Services, failures, report).RunAsync(canReadTables);
        if (options.Redis is { } redis)
            await RedisCheck.RunAsync(
                host.Services.GetRequiredKeyedService<ConfigurationOptions>(typeof(ICollectorResultStore)),
                redis.Source, report);
        if (options.TextFilePath is { } path)
            await TextFileCheck.RunAsync(path, report);
    }
}
