using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Hosting;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

/// <summary>Errors that prevent the program from starting, and flags that only print.</summary>
public class StartTests
{
    [TestCase(2, "unknown flag --xyzzy. See --help.", "--xyzzy")]
    [TestCase(2, "flag --config.file: '' is not a path.", "--config.file", "")]
    [TestCase(1, "DATABASE_URI is not set.")]
    [TestCase(1, "The file '/no/file' does not exist.", "--config.file=/no/file")]
    [TestCase(1, "--web.listen-address 'example.org:1' is not an address.", "--web.listen-address=example.org:1")]
    [TestCase(1, "/no/secret", "--database.uri-file=/no/secret")]
    [TestCase(1, "environment variable WFO_EXPORTER_LOG_FORMAT: 'x' is not one of logfmt, json.")]
    public async Task Error_at_start_is_one_line_with_an_exit_status(int status, string error, params string[] flags)
    {
        var format = error.Contains("LOG_FORMAT", StringComparison.Ordinal) ? "x" : null;
        var result = await ExporterProcess.RunAsync(
            flags, ("DATABASE_URI", null), ("WFO_EXPORTER_LOG_FORMAT", format));

        Assert.That(result.ExitCode, Is.EqualTo(status), result.Errors);
        Assert.That(result.Errors.Trim().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(result.Errors, Does.StartWith("orchestrator-metrics-exporter: ").And.Contain(error));
    }

    [TestCase("--text-file.path=/no/such/x.prom", "The folder of the text file '/no/such/x.prom' does not exist.")]
    [TestCase("--collectors.processes.name-prefix=1 x", "collectors.processes.name_prefix is '1 x'")]
    [TestCase("--collectors.processes.add-labels=1x=a", "collectors.processes is invalid: '1x' is not a valid label name")]
    public async Task Error_that_the_packages_find_in_a_setting_is_one_line(string flag, string error)
    {
        var result = await ExporterProcess.RunAsync([flag], ("DATABASE_URI", "postgresql://127.0.0.1:1/db"));

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Errors.Trim().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(result.Errors, Does.StartWith($"orchestrator-metrics-exporter: {error}").And.Not.Contains("MetricFamily"));
    }

    [Test]
    public void Invalid_options_of_two_packages_are_reported_together()
    {
        var loader = new ConfigurationLoader(
            CommandLine.Parse([]).Values,
            new Dictionary<string, string>
            {
                ["DATABASE_URI"] = "postgresql://u:p@127.0.0.1:1/d",
                ["WFO_EXPORTER_OPERATIONAL_ENABLED"] = "true",
                ["WFO_EXPORTER_OPERATIONAL_BUCKETS"] = "5,1",
                ["WFO_EXPORTER_ORCHESTRATOR_API_BASE_ADDRESS"] = "ftp://orchestrator",
            });

        var error = Assert.Throws<ConfigurationException>(
            () => MetricsHost.Create(loader.Load(), NullLoggerFactory.Instance));

        Assert.That(error!.Errors, Has.One.Contains("ascending bounds").And.One.Contains("not an absolute http"));
    }

    [Test]
    public async Task Address_in_use_is_the_only_error()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema);

        var result = await ExporterProcess.RunAsync(
            [$"--web.listen-address={other.LocalEndpoint}"], ("DATABASE_URI", ExporterDatabase.BuildUri(database)));

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Errors.Trim().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(result.Errors, Does.StartWith(
            $"orchestrator-metrics-exporter: cannot listen on {other.LocalEndpoint}: "));
    }

    [Test]
    public async Task Stop_while_the_server_starts_is_not_an_error()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0,
            listen => listen.ApplicationServices.GetRequiredService<IHostApplicationLifetime>().StopApplication()));
        await using var app = builder.Build();

        Assert.That(await ExporterServer.TryStartAsync(app, []), Is.False);
    }

    [Test]
    public async Task Version_and_help_are_printed()
    {
        Assert.That(
            (await ExporterProcess.RunAsync(["--version"])).Output,
            Is.EqualTo($"orchestrator-metrics-exporter, version {Product.Version}\n"));
        Assert.That((await ExporterProcess.RunAsync(["-h"])).Output, Does.StartWith("usage: "));
    }
}
