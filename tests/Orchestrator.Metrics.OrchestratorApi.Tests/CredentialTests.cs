using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Metrics.OrchestratorApi;

namespace Orchestrator.Metrics.Tests;

public class CredentialTests
{
    private const string Engine = "WorkflowEngineCollector";

    private OrchestratorServer _server = null!;

    [SetUp]
    public async Task StartServer() => _server = await OrchestratorServer.StartAsync();

    [TearDown]
    public async Task StopServer() => await _server.DisposeAsync();

    [Test]
    public async Task Token_of_the_options_is_sent()
    {
        _server.Token = "first";
        await using var host = await ApiHost.StartAsync(_server, options => options.Token = "first");

        await host.ScrapeBothAsync();
    }

    [Test]
    public async Task Missing_credential_is_an_error_that_names_the_options()
    {
        _server.Token = "first";
        await using var host = await ApiHost.StartAsync(_server);

        Assert.That(
            (await host.WaitForFailureAsync(Engine)).Message,
            Is.EqualTo(
                $"GET {_server.Address}{OrchestratorServer.StatusPath} returned 403. No credential is set. Set a token, " +
                "a token file or client credentials."));
    }

    [Test]
    public async Task Token_file_is_read_again_after_its_symbolic_link_is_replaced()
    {
        // As in Kubernetes, the file is a symbolic link, and an update replaces the link.
        using var folder = new TemporaryFolder();
        var link = Path.Combine(folder.Path, "token");
        Write("first");
        _server.Token = "first";
        await using var host = await ApiHost.StartAsync(_server, options => options.TokenFile = link);
        await host.ScrapeBothAsync();

        Write("second");
        _server.Token = "second";
        var requests = _server.Requests.Count;
        await host.AdvanceAfterRefreshesAsync(TimeSpan.FromSeconds(16));

        await Waiting.UntilAsync(() => _server.Requests.Count, count => count == requests + 2);
        Assert.That(_server.Requests.Skip(requests), Is.All.EndsWith(" Bearer second"));

        void Write(string token)
        {
            var target = Path.Combine(folder.Path, $"..{token}");
            File.WriteAllText(target, $"{token}\n");
            File.Delete(link);
            File.CreateSymbolicLink(link, target);
        }
    }

    [Test]
    public async Task Byte_order_mark_of_a_token_file_is_ignored()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "token");
        await File.WriteAllTextAsync(path, "first\r\n", Encoding.UTF8);
        _server.Token = "first";
        await using var host = await ApiHost.StartAsync(_server, options => options.TokenFile = path);

        await host.ScrapeBothAsync();
    }

    [TestCase(null, "cannot be read. Check that the file exists and that this process may read it.")]
    [TestCase("", "does not contain exactly one token of printable ASCII characters, at most 64 KiB.")]
    [TestCase("secret\nsecret", "does not contain exactly one token of printable ASCII characters, at most 64 KiB.")]
    [TestCase("Bearer secret", "does not contain exactly one token of printable ASCII characters, at most 64 KiB.")]
    [TestCase("secrét", "does not contain exactly one token of printable ASCII characters, at most 64 KiB.")]
    public async Task Unusable_token_file_is_an_error_until_it_contains_a_token(string? contents, string problem)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "token");
        if (contents is not null)
            await File.WriteAllTextAsync(path, contents);
        await using var host = await ApiHost.StartAsync(_server, options => options.TokenFile = path);

        var failure = await host.WaitForFailureAsync(Engine);

        Assert.That(failure.Message, Does.StartWith($"The token file '{path}' {problem}"));
        Assert.That(string.Join('\n', host.Log.Entries), Does.Not.Contain("secr"));
        Assert.That(_server.Requests, Is.Empty);

        await File.WriteAllTextAsync(path, "token");
        await host.AdvanceUntilAsync(text => text.Contains("wfo_engine_status", StringComparison.Ordinal));
    }

    [Test]
    public async Task Token_file_that_is_too_large_is_an_error()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "token");
        await File.WriteAllTextAsync(path, new string('x', 65537));
        await using var host = await ApiHost.StartAsync(_server, options => options.TokenFile = path);

        Assert.That(
            (await host.WaitForFailureAsync(Engine)).Message, Does.StartWith($"The token file '{path}' does not"));
    }

    [Test]
    public async Task Client_credentials_are_exchanged_for_one_token_of_both_collectors()
    {
        var requests = RespondWithTokens(expiresIn: 300);
        _server.Token = "token1";
        await using var host = await StartWithClientCredentialsAsync(options => options.Scope = "read metrics");
        await host.ScrapeBothAsync();

        Assert.That(requests, Is.EqualTo(new[]
        {
            "Basic Y2xpZW50OnNlY3JldA== grant_type=client_credentials&scope=read+metrics",
        }));
    }

    [TestCase(300, 270)]
    [TestCase(61, 31)]
    [TestCase(60, 30)]
    [TestCase(10, 5)]
    [TestCase(0, 300)]
    [TestCase(null, 300)]
    public async Task Token_is_kept_until_shortly_before_it_expires(int? expiresIn, int seconds)
    {
        RespondWithTokens(expiresIn);
        var time = new FakeTimeProvider();
        var token = new ClientCredentialsToken(() => new HttpClient(), SetClientCredentials(new()), time);
        Assert.That(await token.GetAsync(CancellationToken.None), Is.EqualTo("token1"));

        time.Advance(TimeSpan.FromSeconds(seconds - 0.1));
        Assert.That(await token.GetAsync(CancellationToken.None), Is.EqualTo("token1"));
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.That(await token.GetAsync(CancellationToken.None), Is.EqualTo("token2"));
    }

    [Test]
    public async Task Rejected_token_is_replaced_at_most_once_a_minute()
    {
        RespondWithTokens(expiresIn: 3600);
        var time = new FakeTimeProvider();
        var token = new ClientCredentialsToken(() => new HttpClient(), SetClientCredentials(new()), time);
        await token.GetAsync(CancellationToken.None);

        time.Advance(TimeSpan.FromSeconds(59.9));
        token.Discard();
        Assert.That(await token.GetAsync(CancellationToken.None), Is.EqualTo("token1"));
        time.Advance(TimeSpan.FromSeconds(0.1));
        token.Discard();
        Assert.That(await token.GetAsync(CancellationToken.None), Is.EqualTo("token2"));
    }

    [Test]
    public async Task Rejected_token_is_replaced_before_it_expires()
    {
        RespondWithTokens(expiresIn: 3600);
        _server.Token = "token2";
        await using var host = await StartWithClientCredentialsAsync();
        await host.WaitForFailureAsync(Engine);

        await host.AdvanceUntilAsync(text => text.Contains("wfo_engine_status", StringComparison.Ordinal));
    }

    [TestCase(400, """{"error":"invalid_client","error_description":"secret"}""",
        "returned 400 (invalid_client). Check the client credentials and the scope.")]
    [TestCase(401, """{"error":"secret"}""", "returned 401. Check the client credentials and the scope.")]
    [TestCase(500, "secret", "returned 500.")]
    [TestCase(307, "secret", "returned 307.")]
    [TestCase(200, """{"token_type":"Bearer"}""", "returned 200 without a valid access_token. Check the token endpoint.")]
    [TestCase(200, """{"access_token":"secret\r\nX: 1"}""",
        "returned 200 without a valid access_token. Check the token endpoint.")]
    [TestCase(200, "secret", "returned 200 without a valid access_token. Check the token endpoint.")]
    public async Task Failure_of_the_token_endpoint_is_an_error_without_its_body(int status, string body, string problem)
    {
        _server.Respond("/token", body, status);
        await using var host = await StartWithClientCredentialsAsync();

        var failure = await host.WaitForFailureAsync(Engine);

        Assert.That(failure.Message, Is.EqualTo($"POST {_server.Address}/token {problem}"));
        Assert.That(string.Join('\n', host.Log.Entries), Does.Not.Contain("secret"));
        Assert.That(_server.Requests.Distinct(), Is.EqualTo(new[] { "/token Basic Y2xpZW50OnNlY3JldA==" }));
    }

    [Test]
    public async Task Endless_response_of_the_token_endpoint_is_not_read_to_its_end()
    {
        _server.Respond("/token", async context =>
        {
            var chunk = new byte[10_000];
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(chunk).AsTask()
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await using var host = await StartWithClientCredentialsAsync();

        Assert.That(
            (await host.WaitForFailureAsync(Engine)).Message,
            Does.StartWith($"POST {_server.Address}/token failed. Check the token endpoint"));
    }

    [Test]
    public async Task Scrape_does_not_wait_for_a_token_endpoint_that_never_responds()
    {
        var requested = _server.NeverRespond("/token");
        await using var host = await StartWithClientCredentialsAsync();
        await requested.Soon();

        Assert.That(await host.ScrapeAsync(), Is.EqualTo(ApiHost.OtherFamily));
    }

    private Task<ApiHost> StartWithClientCredentialsAsync(Action<OrchestratorApiOptions>? configure = null) =>
        ApiHost.StartAsync(_server, options => (configure ?? (_ => { }))(SetClientCredentials(options)));

    private OrchestratorApiOptions SetClientCredentials(OrchestratorApiOptions options)
    {
        (options.TokenEndpoint, options.ClientId, options.ClientSecret) =
            (new(_server.Address + "/token"), "client", "secret");
        return options;
    }

    /// <summary>Makes the token endpoint return token1, token2 and so on.</summary>
    /// <returns>The requests, as Authorization header and body.</returns>
    private List<string> RespondWithTokens(int? expiresIn)
    {
        var requests = new List<string>();
        _server.Respond("/token", async context =>
        {
            var form = await new StreamReader(context.Request.Body).ReadToEndAsync();
            requests.Add($"{context.Request.Headers.Authorization} {form}");
            await context.Response.WriteAsync(string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"access_token":"token{{requests.Count}}","token_type":"Bearer"{{(expiresIn is null ? "" : $",\"expires_in\":{expiresIn}")}}}"""));
        });
        return requests;
    }
}
