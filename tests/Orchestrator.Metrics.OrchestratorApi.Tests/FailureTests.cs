using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace Orchestrator.Metrics.Tests;

public class FailureTests
{
    private const string Token = "secret-token";
    private const string Body = "secret-body";
    private const string Engine = "WorkflowEngineCollector";

    private OrchestratorServer _server = null!;

    [SetUp]
    public async Task StartServer()
    {
        _server = await OrchestratorServer.StartAsync();
        _server.Token = Token;
    }

    [TearDown]
    public async Task StopServer() => await _server.DisposeAsync();

    private string StatusUrl => _server.Address + OrchestratorServer.StatusPath;

    [TestCase(403, "application/json", "403. Check the token and its permissions.")]
    [TestCase(401, "application/json", "401. Check the token and its permissions.")]
    [TestCase(404, "application/json", "404. Check the base address.")]
    [TestCase(500, "text/plain", "500.")]
    [TestCase(302, "text/html", "302.")]
    [TestCase(201, "application/json", "201.")]
    public async Task Error_names_the_endpoint_and_the_status(int status, string type, string text)
    {
        _server.Respond(OrchestratorServer.StatusPath, Body, status, type);
        await using var host = await StartAsync();

        var failure = await host.WaitForFailureAsync(Engine);

        Assert.That(failure, Is.TypeOf<HttpRequestException>());
        Assert.That(failure.Message, Is.EqualTo($"GET {StatusUrl} returned {text}"));
        Assert.That((int?)((HttpRequestException)failure).StatusCode, Is.EqualTo(status));
        await AssertOnlyTheEngineFailsAsync(host);
    }

    [TestCase("<html>secret-body</html>", "that is not the expected JSON")]
    [TestCase("", "that is not the expected JSON")]
    [TestCase("null", "that is not the expected JSON")]
    [TestCase("[]", "that is not the expected JSON")]
    [TestCase("""{"global_lock":false,""", "that is not the expected JSON")]
    [TestCase("""{"secret-body":tru,"global_lock":false,"running_processes":2}""", "that is not the expected JSON")]
    [TestCase("""{"running_processes":2}""", "whose field 'global_lock' is missing or null")]
    [TestCase("""{"global_lock":false}""", "whose field 'running_processes' is missing or null")]
    [TestCase("""{"global_lock":false,"running_processes":null}""", "whose field 'running_processes' is missing or null")]
    [TestCase("""{"global_lock":"secret-body","running_processes":2}""", "whose field 'global_lock' is invalid")]
    [TestCase("""{"global_lock":false,"running_processes":"2"}""", "whose field 'running_processes' is invalid")]
    [TestCase("""{"global_lock":false,"running_processes":1e99}""", "whose field 'running_processes' is invalid")]
    public async Task Invalid_body_is_an_error_without_its_contents(string body, string problem)
    {
        _server.Respond(OrchestratorServer.StatusPath, body);
        await using var host = await StartAsync();

        var failure = await host.WaitForFailureAsync(Engine);

        Assert.That(failure, Is.TypeOf<InvalidDataException>());
        Assert.That(
            failure.Message,
            Is.EqualTo($"GET {StatusUrl} returned 200 with a body {problem}. Check that the base address is that of an " +
                "orchestrator-core 2.0.1 or later."));
        await AssertOnlyTheEngineFailsAsync(host);
    }

    [TestCase("executor_type")]
    [TestCase("number_of_workers_online")]
    [TestCase("number_of_queued_jobs")]
    [TestCase("number_of_running_jobs")]
    public async Task Missing_field_of_the_workers_is_an_error_that_names_the_field(string field)
    {
        _server.Respond(
            OrchestratorServer.WorkersPath,
            OrchestratorServer.Threadpool.Replace($"\"{field}\"", "\"other\"", StringComparison.Ordinal));
        await using var host = await StartAsync();

        Assert.That(
            (await host.WaitForFailureAsync("OrchestratorWorkerCollector")).Message,
            Does.Contain($"whose field '{field}' is missing or null"));
    }

    [Test]
    public async Task Endless_body_is_not_read_to_its_end()
    {
        var disconnected = new TaskCompletionSource();
        _server.Respond(OrchestratorServer.StatusPath, async context =>
        {
            var chunk = new byte[10_000];
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(chunk).AsTask()
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            disconnected.TrySetResult();
        });
        await using var host = await StartAsync();

        Assert.That(
            (await host.WaitForFailureAsync(Engine)).Message,
            Is.EqualTo($"GET {StatusUrl} returned 200 with more than 65536 bytes. Check the base address."));
        await disconnected.Task.Soon();
        await AssertOnlyTheEngineFailsAsync(host);
    }

    [Test]
    public async Task Large_body_does_not_hide_the_status()
    {
        _server.Respond(OrchestratorServer.StatusPath, context =>
        {
            context.Response.StatusCode = 500;
            return context.Response.WriteAsync(new string('x', 1_000_000));
        });
        await using var host = await StartAsync();

        Assert.That(
            (await host.WaitForFailureAsync(Engine)).Message,
            Is.EqualTo($"GET {StatusUrl} returned 500."));
    }

    [Test]
    public async Task Connection_lost_within_the_body_is_an_error()
    {
        _server.Respond(OrchestratorServer.StatusPath, async context =>
        {
            context.Response.ContentLength = 100;
            await context.Response.WriteAsync("{");
            await context.Response.Body.FlushAsync();
        });
        await using var host = await StartAsync();

        Assert.That(
            (await host.WaitForFailureAsync(Engine)).Message,
            Is.EqualTo($"GET {StatusUrl} returned 200, but the connection was lost before the end of the body."));
        await AssertOnlyTheEngineFailsAsync(host);
    }

    [Test]
    public async Task Redirect_does_not_send_the_token_to_another_server()
    {
        await using var other = await OrchestratorServer.StartAsync();
        _server.Respond(OrchestratorServer.StatusPath, context =>
        {
            var location = new UriBuilder(other.Address) { UserName = "user", Password = Body, Path = "login", Query = Body };
            context.Response.Redirect(location.ToString(), permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        await using var host = await StartAsync();

        Assert.That(
            (await host.WaitForFailureAsync(Engine)).Message,
            Is.EqualTo(
                $"GET {StatusUrl} returned 307. Redirects, here to {other.Address}, are not followed, " +
                "so that no other server receives the token. Set the base address to the final address."));
        await AssertOnlyTheEngineFailsAsync(host);
        Assert.That(other.Requests, Is.Empty);
    }

    [TestCase("//")]
    [TestCase("http://[")]
    public async Task Redirect_to_an_invalid_target_is_an_error_with_its_status(string location)
    {
        _server.Respond(OrchestratorServer.StatusPath, context =>
        {
            (context.Response.StatusCode, context.Response.Headers.Location) = (302, location);
            return Task.CompletedTask;
        });
        await using var host = await StartAsync();

        Assert.That((await host.WaitForFailureAsync(Engine)).Message, Is.EqualTo($"GET {StatusUrl} returned 302."));
    }

    [Test]
    public async Task Server_that_is_down_is_an_error()
    {
        var address = $"http://127.0.0.1:{FreePort.Find()}";
        await using var host = await StartAsync(options => options.BaseAddress = new(address));

        Assert.That(
            (await host.WaitForFailureAsync(Engine)).Message,
            Is.EqualTo(
                $"GET {address}{OrchestratorServer.StatusPath} received no response (ConnectionError). Check the base " +
                "address, and whether orchestrator-core is running."));
        Assert.That(await host.ScrapeAsync(), Is.EqualTo(ApiHost.OtherFamily));
        AssertNoSecretsAreLogged(host);
    }

    [TestCase(502, 3)]
    [TestCase(503, 3)]
    [TestCase(504, 3)]
    [TestCase(500, 1)]
    [TestCase(429, 1)]
    public async Task Only_gateway_errors_are_retried(int status, int requests)
    {
        _server.Respond(OrchestratorServer.StatusPath, context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "3600";
            return Task.CompletedTask;
        });
        await using var host = await StartAsync();

        var failure = (HttpRequestException)await host.WaitForFailureAsync(Engine);

        Assert.That((int?)failure.StatusCode, Is.EqualTo(status));
        Assert.That(_server.Count(OrchestratorServer.StatusPath), Is.EqualTo(requests));
    }

    [Test]
    public async Task Resilience_handlers_of_the_host_do_not_hide_the_status([Values] bool before)
    {
        _server.Respond(OrchestratorServer.StatusPath, Body, 500);
        await using var host = await ApiHost.StartAsync(metrics =>
        {
            if (before)
                Configure(metrics.Services);
            metrics.AddOrchestratorApi(options => (options.BaseAddress, options.Token) = (new(_server.Address), Token));
            if (!before)
                Configure(metrics.Services);
        });

        Assert.That((await host.WaitForFailureAsync(Engine)).Message, Is.EqualTo($"GET {StatusUrl} returned 500."));
        Assert.That(_server.Count(OrchestratorServer.StatusPath), Is.EqualTo(1));

        // Like the ServiceDefaults of Aspire, but without delays.
        static void Configure(IServiceCollection services) => services.ConfigureHttpClientDefaults(client =>
            client.AddResilienceHandler("host", pipeline =>
            {
                pipeline.TimeProvider = TimeProvider.System;
                pipeline.AddRetry(new HttpRetryStrategyOptions { Delay = TimeSpan.Zero });
            }));
    }

    [Test]
    public async Task Request_that_hangs_times_out_and_the_next_one_succeeds()
    {
        var requested = _server.NeverRespond(OrchestratorServer.StatusPath);
        await using var host = await StartAsync();
        await requested.Soon();
        host.Time.Advance(TimeSpan.FromSeconds(10));
        await host.Log.WaitForAsync(entry => entry.Message == $"Collector {Engine} timed out after 10 s.");

        _server.Respond(OrchestratorServer.StatusPath, OrchestratorServer.Running);

        await host.AdvanceUntilAsync(text => text.Contains("wfo_engine_status", StringComparison.Ordinal));
    }

    private Task<ApiHost> StartAsync(Action<OrchestratorApiOptions>? configure = null) => ApiHost.StartAsync(
        _server,
        options =>
        {
            options.Token = Token;
            configure?.Invoke(options);
        });

    private static async Task AssertOnlyTheEngineFailsAsync(ApiHost host)
    {
        var text = await host.ScrapeUntilAsync(text => text.Contains("wfo_worker", StringComparison.Ordinal));
        Assert.That(text, Does.StartWith("# HELP wfo_workers ").And.EndsWith(ApiHost.OtherFamily));
        AssertNoSecretsAreLogged(host);
    }

    private static void AssertNoSecretsAreLogged(ApiHost host) => Assert.That(
        string.Join('\n', host.Log.Entries), Does.Not.Contain("secret").IgnoreCase);
}
