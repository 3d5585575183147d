using System.Net;
using System.Text.Json;
using Orchestrator.Metrics.Exporter.Tests.Web;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

/// <summary>The program as a process, with a web configuration file or bearer tokens.</summary>
internal sealed class ExporterAccessTests
{
    private const string Password = "S3cret: wörd";

    [Test]
    public async Task Prometheus_scrapes_over_TLS_only_with_the_right_password_and_a_valid_certificate()
    {
        using var folder = new TemporaryFolder();
        using var root = TestCertificate.CreateRoot();
        using var certificate = root.IssueServer();
        using var oldCertificate = root.IssueServer(expiry: DateTimeOffset.UtcNow.AddDays(-1));
        root.Write(folder.Path, "ca");
        certificate.Write(folder.Path);
        oldCertificate.Write(folder.Path, "old");
        var expiredConfig = folder.Write("old.yml", "tls_server_config: {cert_file: old.crt, key_file: old.key}");
        await using var expired = await AccessServer.StartAsync(expiredConfig);
        var hash = BCrypt.Net.BCrypt.HashPassword(Password, 6);
        var config = folder.Write(
            "web.yml",
            $"tls_server_config: {{cert_file: server.crt, key_file: server.key}}\nbasic_auth_users: {{prometheus: {hash}}}");
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema, ExporterDatabase.Small);
        await using var exporter = await ExporterProcess.StartTlsAsync(
            root.CreateHandler(), ExporterDatabase.BuildUri(database), $"--web.config.file={config}",
            "--log.level=debug");
        await using var prometheus = PrometheusServer.Start(
            $"""
            scrape_configs:
            {BuildJob("right", Password, exporter.Client.BaseAddress!)}
            {BuildJob("wrong", "wrong S3cret", exporter.Client.BaseAddress!)}
            {BuildJob("expired", Password, expired.Address)}
            """);

        var up = await prometheus.WaitForDataAsync("query?query=up", data => data.GetProperty("result") is var result
            && result.GetArrayLength() == 3
                ? result.EnumerateArray().ToDictionary(
                    sample => sample.GetProperty("metric").GetProperty("job").GetString()!,
                    sample => sample.GetProperty("value")[1].GetString()!)
                : null);
        var errors = await prometheus.WaitForDataAsync("targets", data => data.GetProperty("activeTargets").EnumerateArray()
            .Select(target => target.GetProperty("lastError").GetString()!).Where(text => text.Length > 0).ToArray());
        var families = await prometheus.QueryAsync("wfo_engine_status == 1");

        Assert.That(up, Is.EqualTo(new Dictionary<string, string> { ["right"] = "1", ["wrong"] = "0", ["expired"] = "0" }));
        Assert.That(errors, Has.Length.EqualTo(2)
            .And.One.Contains("401 Unauthorized").And.One.Contains("certificate has expired"));
        Assert.That(families, Has.Count.EqualTo(1));
        Assert.That(await exporter.TerminateAsync(), Is.Zero);
        foreach (var secret in new[] { "S3cret", "$2a$", "PRIVATE KEY" })
            Assert.That(exporter.Output, Does.Not.Contain(secret));

        string BuildJob(string name, string password, Uri target) =>
            $$"""
              - job_name: {{name}}
                scheme: https
                scrape_interval: 1s
                scrape_timeout: 1s
                tls_config: {ca_file: {{folder.Path}}/ca.crt}
                basic_auth: {username: prometheus, password: {{JsonSerializer.Serialize(password)}}}
                static_configs: [{targets: ["{{target.Authority}}"]}]
            """;
    }

    [Test]
    public async Task Bearer_tokens_protect_the_metrics_and_the_landing_page()
    {
        using var folder = new TemporaryFolder();
        var tokens = folder.Write("tokens", "0123456789abcdef\n");
        await using var exporter = await ExporterProcess.StartAsync(
            $"postgresql://u:p@127.0.0.1:{FreePort.Find()}/db", [$"--web.bearer-token-file={tokens}"]);

        foreach (var path in new[] { "/", "/metrics", "/api/metrics", "/nix" })
        {
            using var response = await exporter.Client.GetAsync(path);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), path);
        }

        exporter.Client.DefaultRequestHeaders.Authorization = new("Bearer", "0123456789abcdef");
        Assert.That(await exporter.ScrapeAsync(), Does.Contain("wfo_exporter_build_info"));
    }

    [Test]
    public async Task Invalid_web_configuration_stops_the_program_with_an_error_that_has_a_position()
    {
        using var folder = new TemporaryFolder();
        var config = folder.Write("web.yml", "tls_server_config:\n  curve_preferences: [X25519]\n");

        var result = await ExporterProcess.RunAsync(
            [$"--web.config.file={config}"], ("DATABASE_URI", "postgresql://u:p@127.0.0.1:1/db"));

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Errors, Does.Contain($"{config}:2:3: curve_preferences is not supported"));
    }
}
