using System.Net;
using System.Net.Security;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.Tests;

public class MetricsServerAccessTests
{
    private static readonly Action<MetricsServerOptions> RequireMonitoring = options =>
        options.ConfigureConventions = endpoint => endpoint.RequireAuthorization("monitoring");

    [TestCase(null, HttpStatusCode.Unauthorized)]
    [TestCase("other", HttpStatusCode.Forbidden)]
    [TestCase("prometheus", HttpStatusCode.OK)]
    public async Task Policy_of_a_worker_protects_the_server(string? user, HttpStatusCode expected)
    {
        await using var host = await WorkerHost.StartAsync(
            builder => AddAccess(builder.AddCollector(FakeCollector.Returning("acme_a", 1)).Services),
            RequireMonitoring);

        Assert.That(await GetStatusAsync(host.Client, WorkerHost.GetUrl(host.Services), user), Is.EqualTo(expected));
    }

    [TestCase(null, HttpStatusCode.Unauthorized)]
    [TestCase("prometheus", HttpStatusCode.OK)]
    public async Task Policy_of_an_application_protects_the_server(string? user, HttpStatusCode expected)
    {
        await using var host = await TestHost.StartAsync(
            services =>
            {
                AddAccess(services);
                services.AddOrchestratorMetrics().AddMetricsServer(port: 0, RequireMonitoring);
            },
            app => app.MapGet("/order", () => "served"));

        Assert.That(await GetStatusAsync(host.Client, WorkerHost.GetUrl(host.Services), user), Is.EqualTo(expected));
        Assert.That(await host.Client.GetStringAsync("/order"), Is.EqualTo("served"));
    }

    [Test]
    public async Task Policy_finds_the_request_in_the_accessor_of_the_host()
    {
        var paths = new List<string?>();
        await using var host = await WorkerHost.StartAsync(
            builder =>
            {
                AddAccess(builder.AddCollector(FakeCollector.Returning("acme_a", 1)).Services);
                var accessor = new HttpContextAccessor();
                builder.Services.AddSingleton<IHttpContextAccessor>(accessor);
                builder.Services.AddAuthorizationBuilder().AddPolicy("monitoring", policy => policy.RequireAssertion(_ =>
                {
                    paths.Add(accessor.HttpContext?.Request.Path);
                    return true;
                }));
            },
            RequireMonitoring);

        Assert.That(await GetStatusAsync(host.Client, WorkerHost.GetUrl(host.Services)), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(paths, Is.EqualTo((string?[])["/metrics"]));
    }

    [TestCase(false, HttpStatusCode.Unauthorized)]
    [TestCase(true, HttpStatusCode.OK)]
    public async Task Fallback_policy_applies_unless_the_server_allows_anonymous_access(
        bool anonymous, HttpStatusCode expected)
    {
        await using var host = await WorkerHost.StartAsync(
            builder =>
            {
                AddAccess(builder.Services);
                builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(
                    new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
            },
            options => options.ConfigureConventions = endpoint =>
            {
                if (anonymous)
                    endpoint.AllowAnonymous();
            });

        Assert.That(await GetStatusAsync(host.Client, WorkerHost.GetUrl(host.Services)), Is.EqualTo(expected));
    }

    [Test]
    public void Required_authorization_without_its_services_is_a_startup_error() => Assert.That(
        async () => await WorkerHost.StartAsync(_ => { }, RequireMonitoring),
        Throws.InvalidOperationException.With.Message.EqualTo(
            "The metrics server requires authorization, but the host has no authorization services. Call " +
            "services.AddAuthorization()."));

    [Test]
    public async Task Collector_sees_the_services_of_the_host()
    {
        await using var host = await WorkerHost.StartAsync(builder => builder
            .AddGauge("acme_marker", "", services => services.GetRequiredService<Marker>().Value)
            .Services.AddScoped(_ => new Marker(7)));

        Assert.That(await host.Client.GetStringAsync("/metrics"), Does.EndWith("acme_marker 7.0\n"));
    }

    [Test]
    public async Task Server_with_a_certificate_serves_HTTPS_only()
    {
        using var certificate = CreateCertificate();
        await using var host = await WorkerHost.StartAsync(
            builder => builder.AddCollector(FakeCollector.Returning("acme_a", 1)),
            options => options.ConfigureListener = listener => listener.UseHttps(certificate));
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, sent, _, _) =>
                    sent?.GetCertHashString() == certificate.GetCertHashString(),
            },
        });

        var url = WorkerHost.GetUrl(host.Services);
        Assert.That(url.Scheme, Is.EqualTo("https"));
        Assert.That(await client.GetStringAsync(url), Does.EndWith("acme_a 1.0\n"));
        Assert.That(
            async () => await client.GetStringAsync(new UriBuilder(url) { Scheme = "http" }.Uri),
            Throws.InstanceOf<HttpRequestException>());
    }

    private static void AddAccess(IServiceCollection services)
    {
        services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("test", null);
        services.AddAuthorizationBuilder().AddPolicy("monitoring", policy => policy.RequireUserName("prometheus"));
    }

    private static async Task<HttpStatusCode> GetStatusAsync(HttpClient client, Uri url, string? user = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (user is not null)
            request.Headers.Add("User", user);
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    private sealed record Marker(double Value);

    private sealed class HeaderAuthentication(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers["User"] is not [{ } user])
                return Task.FromResult(AuthenticateResult.NoResult());
            var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, user)], Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new(new ClaimsPrincipal(identity), Scheme.Name)));
        }
    }
}
