using Orchestrator.Metrics.Exporter.Tests.Hosting;
using Orchestrator.Metrics.Exporter.Tests.Sources;
using Orchestrator.Metrics.Exporter.Tests.Web;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Checks;

/// <summary><c>--check</c> of all parts except the database.</summary>
public class PartsCheckTests
{
    [Test]
    public async Task Errors_of_the_configuration_are_failures()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("exporter.yaml", "web:\n  listen_adress: [x]\nlog: {level: loud}\n");

        var check = await CheckRun.RunAsync("postgresql://h/db", [$"--config.file={file}"]);
        var unset = await CheckRun.RunAsync(null);

        Assert.That(check.Status, Is.EqualTo(1));
        Assert.That(check.Failures, Has.Length.EqualTo(2));
        Assert.That(check.Failures[0], Does.StartWith($"configuration: {file}:2:3: The key 'listen_adress' is unknown."));
        Assert.That(check.Report, Does.EndWith("\n2 of 2 checks failed.\n"));
        Assert.That(unset.Failures.Single(), Does.StartWith("configuration: DATABASE_URI is not set."));
    }

    [Test]
    public async Task Web_configuration_is_checked()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("web.yml", "basic_auth_users: {alice: S3cret}");

        var wrong = await CheckAsync($"--web.config.file={file}");
        var open = await CheckAsync("--web.listen-address=:1");

        Assert.That(wrong.Failures.Single(), Does.StartWith($"configuration: {file}:1:27: The value is not a bcrypt hash."));
        Assert.That(open.Status, Is.Zero);
        Assert.That(open.Report, Does.Contain("Anyone who can reach :1 can read the metrics"));
    }

    [Test]
    public async Task Server_certificate_that_has_expired_is_a_failure()
    {
        using var folder = new TemporaryFolder();
        using var root = TestCertificate.CreateRoot();
        using var valid = root.IssueServer();
        using var expired = root.IssueServer(expiry: DateTimeOffset.UtcNow.AddDays(-1));
        var file = folder.Write("web.yml", "tls_server_config: {cert_file: server.crt, key_file: server.key}");

        valid.Write(folder.Path);
        var right = await CheckAsync($"--web.config.file={file}");
        expired.Write(folder.Path);
        var wrong = await CheckAsync($"--web.config.file={file}");

        Assert.That(right.Status, Is.Zero);
        Assert.That(right.Report, Does.Contain(
            $"\nok      certificate: {folder.Path}/server.crt is valid until {FormatExpiry(valid)}.\n"));
        Assert.That(wrong.Status, Is.EqualTo(1));
        Assert.That(wrong.Failures, Is.EqualTo(new[]
        {
            $"certificate: {folder.Path}/server.crt expired at {FormatExpiry(expired)}. Prometheus rejects it. " +
                "Replace the certificate.",
        }));
        Assert.That(wrong.Notes, Has.None.Contains("expired"));

        static string FormatExpiry(TestCertificate certificate) =>
            $"{certificate.Certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm:ss}Z";
    }

    [Test]
    public async Task Text_file_is_checked_and_not_changed()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("out.prom", "x 1\n");

        var right = await CheckAsync($"--text-file.path={file}");
        var missing = await CheckAsync($"--text-file.path={folder.Path}/nix/out.prom");
        var isFolder = await CheckAsync($"--text-file.path={folder.Path}");

        // Permissions do not restrict root, but /proc admits no new files.
        var readOnly = await CheckAsync("--text-file.path=/proc/out.prom");

        Assert.That(right.Status, Is.Zero);
        Assert.That(right.Report, Does.Contain($"\nok      text file: The user of this check may write {file}.\n"));
        Assert.That(folder.FindFiles("*"), Is.EqualTo(new[] { file }));
        Assert.That(await File.ReadAllTextAsync(file), Is.EqualTo("x 1\n"));
        Assert.That(readOnly.Status, Is.EqualTo(1));
        Assert.That(readOnly.Failures.Single(), Is.EqualTo(
            "text file: /proc/out.prom cannot be written. Could not find file '/proc/out.prom'. Give the user of the " +
            "exporter write access to the folder, or correct text_file.path."));
        Assert.That(missing.Failures.Single(), Is.EqualTo(
            $"configuration: The folder of the text file '{folder.Path}/nix/out.prom' does not exist. Create it, or choose " +
            "another one."));
        Assert.That(isFolder.Failures.Single(), Is.EqualTo(
            $"configuration: The text file '{folder.Path}' is a folder. Append a file name, such as acme.prom."));
    }

    [Test]
    public async Task Redis_and_the_permissions_of_its_user_are_checked()
    {
        await using var server = await RedisServer.StartAsync();
        var redis = await server.ConnectAsync();

        Assert.That((await CheckRedisAsync(server.Address)).Report, Does.Contain(
            $"\nok      redis: {server.Address} stores and returns values.\n").And.Not.Contain("No collector shares"));
        Assert.That(RedisServer.GetKeys(redis), Is.EqualTo(new[] { "orchestrator-metrics:orchestrator-metrics-exporter:check" }));

        Assert.That((await CheckRedisAsync($"{server.Address},defaultDatabase=99")).Failures.Single(), Is.EqualTo(
            $"redis: {server.Address} does not have the database that defaultDatabase selects. Correct its number in " +
            "WFO_EXPORTER_REDIS_CONNECTION. Without Redis, each replica queries the database itself."));

        Assert.That((await CheckRedisAsync($"{server.Address},$TIME=")).Failures.Single(), Is.EqualTo(
            $"redis: {server.Address} cannot be used: This operation has been disabled in the command-map and cannot " +
            "be used: TIME. Correct WFO_EXPORTER_REDIS_CONNECTION. Without Redis, each replica queries the database " +
            "itself."));

        await redis.ExecuteAsync("ACL", "SETUSER", "reader", "on", ">S3cret", "~*", "+@all", "-@write");
        Assert.That(
            (await CheckRedisAsync($"{server.Address},user=reader,password=S3cret")).Failures.Single(),
            Does.StartWith($"redis: {server.Address} refuses a command (NOPERM). Check the permissions"));

        await redis.ExecuteAsync("CONFIG", "SET", "requirepass", "S3cret");
        Assert.That((await CheckRedisAsync($"{server.Address},password=S3cret")).Status, Is.Zero);
        foreach (var password in new[] { "", ",password=wrong8153" })
            Assert.That((await CheckRedisAsync(server.Address + password)).Failures.Single(), Is.EqualTo(
                $"redis: {server.Address} refuses the user or the password. Correct them in WFO_EXPORTER_REDIS_CONNECTION. " +
                "Without Redis, each replica queries the database itself."));

        await server.KillAsync();
        Assert.That((await CheckRedisAsync(server.Address)).Failures.Single(), Is.EqualTo(
            $"redis: {server.Address} cannot be reached. Check that it runs, its address, and TLS in " +
            "WFO_EXPORTER_REDIS_CONNECTION. Without Redis, each replica queries the database itself."));
    }

    [Test]
    public async Task Untrusted_certificate_of_Redis_is_not_reported_as_a_wrong_password()
    {
        using var folder = new TemporaryFolder();
        using var root = TestCertificate.CreateRoot();
        using var certificate = root.IssueServer();
        certificate.Write(folder.Path);
        await using var server = await RedisServer.StartTlsAsync(folder.Path);

        var check = await CheckRedisAsync($"{server.Address},ssl=true,password=S3cret");

        Assert.That(check.Failures.Single(), Is.EqualTo(
            $"redis: {server.Address} has a certificate that is not trusted, or is for another host. Trust its CA on " +
            "this machine, or correct the host in WFO_EXPORTER_REDIS_CONNECTION. Without Redis, each replica queries " +
            "the database itself."));
    }

    [Test]
    public async Task Error_for_a_URL_of_Redis_does_not_contain_the_password()
    {
        var check = await CheckRedisAsync("redis://:S3cret@127.0.0.1:1/0");

        Assert.That(check.Failures, Is.EqualTo(new[]
        {
            "configuration: WFO_EXPORTER_REDIS_CONNECTION: The configuration of Redis is a URL. Write " +
            "redis.example.org:6379,password=<password>.",
        }));
        Assert.That(check.Report, Does.Not.Contain("S3cret"));
    }

    [Test]
    public async Task Api_of_the_orchestrator_is_checked()
    {
        await using var api = await OrchestratorServer.StartAsync();
        api.Token = "S3cret";

        var right = await CheckApiAsync(api.Address, "S3cret");
        var wrong = await CheckApiAsync(api.Address, "wrong8153");
        var absent = await CheckApiAsync(api.Address, null);
        var down = await CheckApiAsync($"http://127.0.0.1:{FreePort.Find()}", "S3cret");

        Assert.That(right.Masked, Does.Contain(
            """
            ok      collector WorkflowEngineCollector: 4 samples in 0.000 s.
            ok      collector OrchestratorWorkerCollector: 3 samples in 0.000 s.
            ok      collector wfo_exporter_build_info: 1 sample in 0.000 s.
            All 4 checks succeeded.

            """));
        Assert.That(wrong.Failures[0], Is.EqualTo(
            $"collector WorkflowEngineCollector: GET {api.Address}/api/settings/status returned 403. Check the token and " +
            "its permissions."));
        Assert.That(absent.Failures[0], Does.EndWith(
            "No credential is set. Set a token, a token file or client credentials."));
        Assert.That(down.Failures[0], Does.EndWith(
            "received no response (ConnectionError). Check the base address, and whether orchestrator-core is running."));
    }

    [Test]
    public async Task Failed_source_is_reported_and_other_sources_are_checked()
    {
        await using var source = await SourceServer.StartAsync("a 1\nb 2\n");

        var check = await CheckFileAsync(
            $$"""
            sources:
              - {name: up, url: "{{source.Url}}"}
              - {name: down, url: "http://127.0.0.1:{{FreePort.Find()}}", failure_policy: fail_scrape}
            """);

        Assert.That(check.Failures.Single(), Does.StartWith("collector down: Source 'down' at http://127.0.0.1:")
            .And.Contains("/ cannot be read: ConnectionError. Check host and port of its url"));
        Assert.That(check.Masked, Does.Contain("\nok      collector up: 2 samples in 0.000 s.\n"));
    }

    [TestCase("labels: {site: y}}]", "labels, or drop the existing label with collectors.up.drop_labels")]
    [TestCase("}]\ncollectors: {up: {add_labels: {site: y}}}", "add_labels, or drop the existing label with drop_labels")]
    public async Task Label_conflict_of_a_source_is_reported_with_the_settings_that_resolve_the_conflict(
        string labels, string settings)
    {
        await using var source = await SourceServer.StartAsync("a{site=\"x\"} 1\n");

        var check = await CheckFileAsync($"sources: [{{name: up, url: '{source.Url}', {labels}");

        Assert.That(check.Failures.Single(), Is.EqualTo(
            $"collector up: Label 'site' of metric family 'a' with the added labels occurs twice. Rename it in {settings}."));
    }

    [Test]
    public async Task Pattern_that_matches_no_file_is_a_note()
    {
        var check = await CheckFileAsync("collector_files:\n  - '*.colector.yml'\n");

        Assert.That(check.Status, Is.Zero);
        Assert.That(check.Notes, Has.One.Contains("/exporter.yaml:2:5: The pattern '*.colector.yml' matches no file."));
    }

    private static Task<CheckRun> CheckAsync(string flag) =>
        CheckRun.RunAsync(null, [.. ExporterDatabase.NoDatabase, flag]);

    private static async Task<CheckRun> CheckFileAsync(string yaml)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("exporter.yaml", yaml);
        return await CheckAsync($"--config.file={file}");
    }

    private static Task<CheckRun> CheckRedisAsync(string connection) =>
        CheckRun.RunAsync(null, ExporterDatabase.NoDatabase, ("WFO_EXPORTER_REDIS_CONNECTION", connection));

    private static Task<CheckRun> CheckApiAsync(string address, string? token) => CheckRun.RunAsync(
        null,
        [
            "--collectors.subscriptions.enabled=false", "--collectors.processes.enabled=false",
            $"--orchestrator-api.base-address={address}",
        ],
        token is null ? [] : [("WFO_EXPORTER_ORCHESTRATOR_API_TOKEN", token)]);
}
