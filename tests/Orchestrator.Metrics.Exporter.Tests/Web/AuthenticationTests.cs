using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Web;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Web;

internal sealed class AuthenticationTests
{
    private const string Token = "0123456789abcdef";
    private const string NewToken = "fedcba9876543210";
    private const string Password = "pass:wörd S3cret";

    // Created with crypt(3) of libxcrypt, with the prefix that htpasswd writes.
    private const string Hash = "$2y$04$abcdefghijklmnopqrstuuk7SLYQgTt1vhX82uwrHWBrz.KFQucES";

    private TemporaryFolder _folder = null!;
    private string _config = null!;
    private string _tokens = null!;

    [SetUp]
    public void WriteFiles()
    {
        _folder = new TemporaryFolder();
        _config = _folder.Write("web.yml", $"basic_auth_users:\n  alice: {Hash}\n");
        _tokens = _folder.Write("tokens", Token);
    }

    [TearDown]
    public void DeleteFiles() => _folder.Dispose();

    [Test]
    public async Task Only_the_right_password_of_a_user_is_accepted()
    {
        await using var server = await AccessServer.StartAsync(_config);

        Assert.That(await LogInAsync(server, "alice", Password), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await LogInAsync(server, "alice", Password), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await LogInAsync(server, "alice", "S3cret"), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await LogInAsync(server, "alice", ""), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await LogInAsync(server, "mallory", Password), Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Response_does_not_state_why_a_request_is_rejected()
    {
        await using var server = await AccessServer.StartAsync(_config);
        var responses = new List<string>();

        foreach (var authorization in new[]
        {
            null, AccessServer.CreateBasic("alice", "wrong"), AccessServer.CreateBasic("mallory", Password),
            new AuthenticationHeaderValue("Basic", "###"), new AuthenticationHeaderValue("Basic", "YWxpY2U="),
            new AuthenticationHeaderValue("Bearer", Token),
        })
        {
            using var response = await server.GetAsync(authorization);
            response.Headers.Date = null;
            responses.Add($"{(int)response.StatusCode}\n{response.Headers}{await response.Content.ReadAsStringAsync()}");
        }

        Assert.That(responses.Distinct().Select(response => response.ReplaceLineEndings("\n")), Is.EqualTo(new[]
        {
            """
            401
            Cache-Control: no-store
            Transfer-Encoding: chunked
            WWW-Authenticate: Basic realm="orchestrator-metrics-exporter", charset="UTF-8"
            Authentication is required.

            """,
        }));
        Assert.That(server.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task Two_Authorization_headers_are_rejected()
    {
        await using var server = await AccessServer.StartAsync(_config, _tokens);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address);
        request.Headers.TryAddWithoutValidation("Authorization", ["Bearer " + Token, "Bearer " + Token]);

        using var response = await client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Health_endpoints_are_open_but_similar_paths_are_not()
    {
        await using var server = await AccessServer.StartAsync(_config, _tokens);

        foreach (var path in new[] { "/-/healthy", "/-/ready", "/-/healthy?x=1" })
            Assert.That(await server.GetStatusAsync(path: path), Is.EqualTo(HttpStatusCode.OK), path);
        string[] others = ["/", "/metrics", "/nix", "/-/healthy/", "/-/HEALTHY", "/-/healthy/../../metrics"];
        foreach (var path in others)
            Assert.That(await server.GetStatusAsync(path: path), Is.EqualTo(HttpStatusCode.Unauthorized), path);
    }

    [Test]
    public async Task Tokens_are_replaced_without_a_restart()
    {
        await using var server = await AccessServer.StartAsync(null, _tokens);
        var (old, next) = (new AuthenticationHeaderValue("Bearer", Token), new AuthenticationHeaderValue("bearer", NewToken));

        Assert.That(await GetStatusesAsync(), Is.EqualTo(new[] { HttpStatusCode.OK, HttpStatusCode.Unauthorized }));
        await File.WriteAllTextAsync(_tokens, $"{Token}\n{NewToken}\n");
        Assert.That(await GetStatusesAsync(), Is.EqualTo(new[] { HttpStatusCode.OK, HttpStatusCode.OK }));
        await File.WriteAllTextAsync(_tokens, NewToken);
        Assert.That(await GetStatusesAsync(), Is.EqualTo(new[] { HttpStatusCode.Unauthorized, HttpStatusCode.OK }));
        File.Delete(_tokens);
        Assert.That(await GetStatusesAsync(), Is.EqualTo(new[] { HttpStatusCode.Unauthorized, HttpStatusCode.OK }));

        Assert.That(server.Log.GetEntries(LogLevel.Error).Count(), Is.EqualTo(1));
        Assert.That(
            server.Log.Entries.Select(entry => entry.Message), Has.None.Contains(Token).And.None.Contains(NewToken));

        async Task<HttpStatusCode[]> GetStatusesAsync() =>
            [await server.GetStatusAsync(old), await server.GetStatusAsync(next)];
    }

    [Test]
    public async Task Password_or_token_is_enough_if_both_are_configured()
    {
        await using var server = await AccessServer.StartAsync(_config, _tokens);

        Assert.That(await LogInAsync(server, "alice", Password), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(
            await server.GetStatusAsync(new AuthenticationHeaderValue("Bearer", Token)), Is.EqualTo(HttpStatusCode.OK));
        using var response = await server.GetAsync(AccessServer.CreateBasic("alice", Token));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(
            response.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme),
            Is.EqualTo(new[] { "Basic", "Bearer" }));
    }

    [Test]
    public async Task Users_are_replaced_without_a_restart_and_kept_if_the_file_is_invalid()
    {
        await using var server = await AccessServer.StartAsync(_config);
        Assert.That(await LogInAsync(server, "alice", Password), Is.EqualTo(HttpStatusCode.OK));

        await File.WriteAllTextAsync(_config, $"basic_auth_users:\n  alice: {Hash}x\n");
        Assert.That(await LogInAsync(server, "alice", Password), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await server.GetStatusAsync(), Is.EqualTo(HttpStatusCode.Unauthorized));
        await File.WriteAllTextAsync(_config, $"basic_auth_users:\n  bob: {Hash}\n");
        Assert.That(await LogInAsync(server, "alice", Password), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await LogInAsync(server, "bob", Password), Is.EqualTo(HttpStatusCode.OK));

        Assert.That(server.Log.GetEntries(LogLevel.Error).Select(entry => entry.Message), Is.EqualTo(new[]
        {
            $"The previous content of changed files stays in use. {_config}:2:10: The value is not a bcrypt hash. " +
            "Create one: htpasswd -nBC 10 \"\" | tr -d ':\\n'.",
        }));
    }

    [Test]
    public void Verified_passwords_stay_verified_when_the_file_is_replaced()
    {
        var hash = BCrypt.Net.BCrypt.HashPassword("right", 4);
        var first = WebConfigReader.Read(_config, $"basic_auth_users:\n  bob: {hash}\n", NullLogger.Instance);
        Assert.That(first.Users!.Verify("bob", "right"), Is.True);

        var second = WebConfigReader.Read(
            _config, $"basic_auth_users:\n  alice: {Hash}\n  bob: {hash}\n", NullLogger.Instance, first);

        Assert.That(second.Users!.IsVerified("bob", "right"), Is.True);
    }

    [Test]
    public async Task Emptied_file_does_not_turn_authentication_off()
    {
        await using var server = await AccessServer.StartAsync(_config);

        await File.WriteAllTextAsync(_config, "");
        Assert.That(await server.GetStatusAsync(), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await LogInAsync(server, "alice", Password), Is.EqualTo(HttpStatusCode.OK));

        Assert.That(server.Log.Entries.Select(entry => entry.Message), Is.EqualTo(new[]
        {
            $"The previous content of changed files stays in use. {_config}: basic_auth_users or client_allowed_sans " +
            "was removed, or client_auth_type is no longer RequireAndVerifyClientCert. Restart the exporter to apply " +
            "the file.",
        }));
    }

    [Test]
    public async Task Passwords_that_were_added_at_run_time_cannot_be_removed_without_a_restart()
    {
        var users = await File.ReadAllTextAsync(_config);
        await File.WriteAllTextAsync(_config, "");
        await using var server = await AccessServer.StartAsync(_config);
        Assert.That(await server.GetStatusAsync(), Is.EqualTo(HttpStatusCode.OK));

        await File.WriteAllTextAsync(_config, users);
        Assert.That(await server.GetStatusAsync(), Is.EqualTo(HttpStatusCode.Unauthorized));
        await File.WriteAllTextAsync(_config, "");
        Assert.That(await server.GetStatusAsync(), Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Passwords_can_be_removed_while_tokens_are_required()
    {
        await using var server = await AccessServer.StartAsync(_config, _tokens);
        await File.WriteAllTextAsync(_config, "");

        Assert.That(await LogInAsync(server, "alice", Password), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(
            await server.GetStatusAsync(new AuthenticationHeaderValue("Bearer", Token)), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Configured_headers_apply_to_all_responses()
    {
        await File.AppendAllTextAsync(_config, "http_server_config: {headers: {X-Frame-Options: deny}}");
        await using var server = await AccessServer.StartAsync(_config);

        foreach (var authorization in new[] { null, AccessServer.CreateBasic("alice", Password) })
        {
            using var response = await server.GetAsync(authorization);
            Assert.That(response.Headers.GetValues("X-Frame-Options"), Is.EqualTo(new[] { "deny" }));
        }
    }

    [Test]
    public async Task Address_that_other_hosts_can_reach_without_authentication_is_named_in_a_warning()
    {
        var log = new ListLogger();
        ListenAddress[] addresses = [new("localhost", 1), new("127.0.0.2", 1), new("::1", 1), new("", 2), new("10.0.0.1", 3)];

        AccessServer.CreateAccess(log, null, addresses: addresses[..3]);
        AccessServer.CreateAccess(log, null, _tokens, addresses: addresses);
        AccessServer.CreateAccess(log, _config, addresses: addresses);
        Assert.That(log.Entries, Is.Empty);

        await File.WriteAllTextAsync(_config, "");
        AccessServer.CreateAccess(log, _config, addresses: addresses);
        Assert.That(log.Warnings, Is.EqualTo(new[]
        {
            "Anyone who can reach :2, 10.0.0.1:3 can read the metrics, because authentication is not configured. Set " +
            "passwords or client certificates in web.config.file, set web.bearer_token_file, or listen on localhost.",
        }));
    }

    [Test]
    public void WebAccess_without_requests_has_no_timer()
    {
        const int Count = 50;
        var before = Timer.ActiveCount;

        var all = Enumerable.Range(0, Count).Select(_ => AccessServer.CreateAccess(new(), _config)).ToArray();

        Assert.That(Timer.ActiveCount - before, Is.LessThan(Count));
        GC.KeepAlive(all);
    }

    [Test]
    public void Invalid_files_are_errors_at_the_start()
    {
        File.WriteAllText(_tokens, "short");

        Assert.That(() => AccessServer.CreateAccess(new(), null, _tokens), Throws.TypeOf<ConfigurationException>());
        Assert.That(() => AccessServer.CreateAccess(new(), _tokens), Throws.TypeOf<ConfigurationException>());
        Assert.That(() => AccessServer.CreateAccess(new(), "/nix"), Throws.TypeOf<ConfigurationException>());
    }

    private static Task<HttpStatusCode> LogInAsync(AccessServer server, string user, string password) =>
        server.GetStatusAsync(AccessServer.CreateBasic(user, password));
}
