using Microsoft.AspNetCore.Http;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Sources;

// Redirects are followed only on the same server, because requests contain secrets.
internal sealed class RedirectTests
{
    [TestCase(301)]
    [TestCase(307)]
    [TestCase(308)]
    public async Task Redirect_on_the_same_server_is_followed_with_the_headers(int status)
    {
        using var folder = new TemporaryFolder();
        folder.Write("token", "t");
        await using var server = await SourceServer.StartAsync(context =>
        {
            if (context.Request.Path == "/metrics/")
                return context.Response.WriteAsync($"a{{sent=\"{context.Request.Headers.Authorization}\"}} 1\n");
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "metrics/";
            return Task.CompletedTask;
        });
        await using var host = new SourceHost(
            $"sources: [{{name: app, url: '{server.Url}/metrics', bearer_token_file: token}}]", folder.Path);

        Assert.That(await host.CollectAsync(), Does.EndWith("\na{sent=\"Bearer t\"} 1.0\n"));
    }

    [Test]
    public async Task Redirect_to_another_server_is_not_followed()
    {
        var requests = 0;
        await using var other = await SourceServer.StartAsync(context =>
        {
            requests++;
            return context.Response.WriteAsync("a 1\n");
        });
        await using var server = await SourceServer.StartAsync(context =>
        {
            context.Response.Redirect(other.Url + "/metrics?token=s3cr3t");
            return Task.CompletedTask;
        });
        await using var host = new SourceHost($"sources: [{{name: app, url: '{server.Url}'}}]");

        await host.CollectAllAsync();

        Assert.That(host.LogText, Does.Contain(
            "Source 'app' redirects to another host, port or scheme, which is not followed. Set its url to the target.")
            .And.Not.Contains("s3cr3t"));
        Assert.That(requests, Is.Zero);
    }

    [TestCase("//")]
    [TestCase("//h:99999/")]
    public async Task Redirect_to_an_invalid_address_is_not_reported_as_an_invalid_exposition(string location)
    {
        await using var server = await SourceServer.StartAsync(context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = location;
            return context.Response.WriteAsync("a 1\n");
        });
        await using var host = new SourceHost($"sources: [{{name: app, url: '{server.Url}'}}]");

        await host.CollectAllAsync();

        var errors = host.Log.Entries.Select(entry => entry.Exception?.Message).OfType<string>();
        Assert.That(errors.Single(), Is.EqualTo("Source 'app' redirects to an address that is not valid. Set its url to the target."));
    }

    [Test]
    public async Task Endless_redirects_fail_the_source()
    {
        var requests = 0;
        await using var server = await SourceServer.StartAsync(context =>
        {
            requests++;
            context.Response.Redirect("/again");
            return Task.CompletedTask;
        });
        await using var host = new SourceHost($"sources: [{{name: app, url: '{server.Url}'}}]");

        await host.CollectAllAsync();

        Assert.That(host.Log.Entries.Select(entry => entry.Exception?.Message), Has.Some.EqualTo(
            "Source 'app' redirects more than 5 times. Set its url to the target."));
        Assert.That(requests, Is.EqualTo(6));
    }
}
