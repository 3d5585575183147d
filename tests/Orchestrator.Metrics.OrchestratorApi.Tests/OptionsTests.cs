using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.Tests;

public class OptionsTests
{
    private const string Section = "OrchestratorMetrics:OrchestratorApi:";

    private const string InvalidAddress = "OrchestratorApiOptions.BaseAddress is not an absolute http or https address " +
        "without user name, query and fragment. Set an address such as https://orchestrator.example.org.";

    private static readonly (string, string) Address = (Section + "BaseAddress", "http://127.0.0.1:1");

    [Test]
    public async Task Missing_base_address_is_an_error_that_is_reported_once() => Assert.That(
        await GetProblemsAsync(),
        Is.EqualTo(
            "OrchestratorApiOptions.BaseAddress is not set. Set it in code or as " +
            "OrchestratorMetrics:OrchestratorApi:BaseAddress, for example to https://orchestrator.example.org."));

    [TestCase("orchestrator.example.org")]
    [TestCase("/api")]
    [TestCase("ftp://orchestrator.example.org")]
    [TestCase("https://user:secret@orchestrator.example.org")]
    [TestCase("https://orchestrator.example.org?token=secret")]
    [TestCase("https://orchestrator.example.org#secret")]
    [TestCase("http://[secret")]
    public async Task Invalid_base_address_is_an_error_without_the_address(string address) =>
        Assert.That(await GetProblemsAsync((Section + "BaseAddress", address)), Is.EqualTo(InvalidAddress));

    [Test]
    public async Task Several_credentials_are_an_error() => Assert.That(
        await GetProblemsAsync(
            Address, (Section + "Token", "secret"), (Section + "TokenFile", "/token"),
            (Section + "TokenEndpoint", "https://login.example.org/token"), (Section + "ClientId", "me"),
            (Section + "ClientSecret", "secret")),
        Is.EqualTo(
            "OrchestratorApiOptions sets Token and TokenFile and client credentials, but a request uses one credential. " +
            "Set only one of them."));

    [Test]
    public async Task Configuration_can_empty_a_token_in_code_and_set_a_token_file()
    {
        await using var host = await ApiHost.StartAsync(
            metrics => metrics.AddOrchestratorApi(options => options.Token = "secret"),
            Address, (Section + "Token", ""), (Section + "TokenFile", "/token"));

        var options = host.Services.GetRequiredService<IOptions<OrchestratorApiOptions>>().Value;

        Assert.That((options.Token, options.TokenFile), Is.EqualTo(("", "/token")));
    }

    [TestCase("two words")]
    [TestCase("line\nbreak")]
    [TestCase("ümlaut")]
    public async Task Invalid_token_is_an_error_without_the_token(string token) => Assert.That(
        await GetProblemsAsync(Address, (Section + "Token", token)),
        Is.EqualTo(
            "OrchestratorApiOptions.Token contains white space or characters other than printable ASCII, which a header " +
            "cannot contain. Set the token only, without \"Bearer\"."));

    [TestCase("TokenEndpoint", "https://login.example.org/token", "ClientId and ClientSecret")]
    [TestCase("ClientId", "me", "TokenEndpoint and ClientSecret")]
    [TestCase("ClientSecret", "secret", "TokenEndpoint and ClientId")]
    [TestCase("Scope", "read", "TokenEndpoint and ClientId and ClientSecret")]
    public async Task Incomplete_client_credentials_are_an_error(string key, string value, string missing) => Assert.That(
        await GetProblemsAsync(Address, (Section + key, value)),
        Is.EqualTo(
            $"OrchestratorApiOptions sets client credentials without {missing}. Set TokenEndpoint, ClientId and " +
            "ClientSecret."));

    [TestCase("http://login.example.org/token")]
    [TestCase("https://user:secret@login.example.org/token")]
    [TestCase("login")]
    public async Task Invalid_token_endpoint_is_an_error(string endpoint) => Assert.That(
        await GetProblemsAsync(
            Address, (Section + "TokenEndpoint", endpoint), (Section + "ClientId", "me"),
            (Section + "ClientSecret", "secret")),
        Does.StartWith("OrchestratorApiOptions.TokenEndpoint is not an absolute https address").And.Not.Contain("user:"));

    [TestCase("00:00:00.9", "OrchestratorApiOptions.RefreshEvery is 00:00:00.9000000. Set one second to one day.")]
    [TestCase("1.00:00:01", "OrchestratorApiOptions.RefreshEvery is 1.00:00:01. Set one second to one day.")]
    [TestCase("60", "OrchestratorMetrics:OrchestratorApi:RefreshEvery is '60', which .NET would read as 60 days. Write " +
        "hours, minutes and seconds, such as 00:01:00 for a minute, and a day as 1.00:00:00.")]
    public async Task Invalid_interval_is_an_error(string interval, string problem) =>
        Assert.That(await GetProblemsAsync(Address, (Section + "RefreshEvery", interval)), Is.EqualTo(problem));

    [Test]
    public async Task Unknown_key_is_an_error() => Assert.That(
        await GetProblemsAsync(Address, (Section + "Tokn", "secret")),
        Is.EqualTo(
            "OrchestratorMetrics:OrchestratorApi:Tokn is not a known setting. Known: BaseAddress, Token, TokenFile, " +
            "TokenEndpoint, ClientId, ClientSecret, Scope, RefreshEvery."));

    [Test]
    public async Task Configuration_overrides_options_that_are_set_in_code()
    {
        await using var host = await ApiHost.StartAsync(
            metrics => metrics.AddOrchestratorApi(options =>
            {
                (options.BaseAddress, options.TokenEndpoint) = (new("https://a.example"), new("https://b.example"));
                (options.ClientId, options.ClientSecret, options.Scope) = ("a", "b", "c");
            }),
            Address, (Section + "TokenEndpoint", "http://localhost:1/token"), (Section + "ClientId", "id"),
            (Section + "ClientSecret", "secret"), (Section + "Scope", "read"), (Section + "RefreshEvery", "00:05:00"));

        var options = host.Services.GetRequiredService<IOptions<OrchestratorApiOptions>>().Value;

        Assert.Multiple(() =>
        {
            Assert.That(options.BaseAddress, Is.EqualTo(new Uri("http://127.0.0.1:1")));
            Assert.That(options.TokenEndpoint, Is.EqualTo(new Uri("http://localhost:1/token")));
            Assert.That((options.ClientId, options.ClientSecret, options.Scope), Is.EqualTo(("id", "secret", "read")));
            Assert.That(options.RefreshEvery, Is.EqualTo(TimeSpan.FromMinutes(5)));
        });
    }

    [TestCase("http://orchestrator.invalid", true)]
    [TestCase("https://orchestrator.invalid", false)]
    [TestCase("http://127.0.0.1:1", false)]
    public async Task Token_over_an_unencrypted_connection_is_a_warning(string address, bool warns)
    {
        await using var host = await ApiHost.StartAsync(metrics => metrics.AddOrchestratorApi(options =>
            (options.BaseAddress, options.Token) = (new(address), "secret")));
        await host.WaitForFailureAsync("WorkflowEngineCollector");

        Assert.That(host.Log.Warnings, Is.EqualTo(warns
            ? new[] { $"The token for {address}/ is sent unencrypted. Use https if the network is not trusted." }
            : []));
    }

    private static async Task<string> GetProblemsAsync(params (string, string)[] settings)
    {
        try
        {
            await using var host = await ApiHost.StartAsync(metrics => metrics.AddOrchestratorApi(), settings);
        }
        catch (OptionsValidationException exception)
        {
            return string.Join('\n', exception.Failures);
        }

        return "none";
    }
}
