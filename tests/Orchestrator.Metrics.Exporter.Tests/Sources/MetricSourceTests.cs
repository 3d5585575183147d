using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Sources;

/// <summary>Families of sources, fetched over HTTP.</summary>
internal sealed class MetricSourceTests
{
    [Test]
    public async Task Families_of_a_source_are_served_with_prefix_and_labels()
    {
        await using var server = await SourceServer.StartAsync("""
            # HELP app_jobs_total Jobs.
            # TYPE app_jobs_total counter
            app_jobs_total{queue="a"} 3.0
            # HELP app_seconds Time.
            # TYPE app_seconds histogram
            app_seconds_bucket{le="1.0"} 2.0
            app_seconds_bucket{le="+Inf"} 3.0
            app_seconds_count 3.0
            app_seconds_sum 4.5
            # HELP app_noise_total Noise.
            # TYPE app_noise_total counter
            app_noise_total 3.0

            """);
        await using var host = new SourceHost($$"""
            sources:
              - name: python
                url: {{server.Url}}/api/metrics
                prefix: py_
                labels: {instance: one}
                drop_families: [app_noise_total]
            """);

        Assert.That(await host.CollectAsync(), Is.EqualTo(SourceHost.Own + """
            # HELP py_app_jobs_total Jobs.
            # TYPE py_app_jobs_total counter
            py_app_jobs_total{instance="one",queue="a"} 3.0
            # HELP py_app_seconds Time.
            # TYPE py_app_seconds histogram
            py_app_seconds_bucket{instance="one",le="1.0"} 2.0
            py_app_seconds_bucket{instance="one",le="+Inf"} 3.0
            py_app_seconds_count{instance="one"} 3.0
            py_app_seconds_sum{instance="one"} 4.5

            """));
    }

    [Test]
    public async Task OpenMetrics_is_requested_and_read()
    {
        string? accept = null;
        await using var server = await SourceServer.StartAsync(context =>
        {
            accept = context.Request.Headers.Accept;
            context.Response.ContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            return context.Response.WriteAsync("# TYPE app_up stateset\napp_up{app_up=\"yes\"} 1\n# EOF\n");
        });
        await using var host = new SourceHost(SourceHost.BuildYaml(server));

        Assert.That(await host.CollectAsync(), Is.EqualTo(
            SourceHost.Own + "# HELP app_up \n# TYPE app_up gauge\napp_up{app_up=\"yes\"} 1.0\n"));
        Assert.That(accept, Does.StartWith("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"));
    }

    [Test]
    public async Task Compressed_response_is_read()
    {
        await using var server = await SourceServer.StartAsync(async context =>
        {
            Assert.That(context.Request.Headers.AcceptEncoding.ToString(), Is.EqualTo("gzip"));
            context.Response.Headers.ContentEncoding = "gzip";
            await using var body = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await body.WriteAsync("a 1\n"u8.ToArray());
        });
        await using var host = new SourceHost(SourceHost.BuildYaml(server));

        Assert.That(await host.CollectAsync(), Is.EqualTo(SourceHost.Own + "# HELP a \n# TYPE a untyped\na 1.0\n"));
    }

    [Test]
    public async Task Default_families_are_dropped_on_request()
    {
        var golden = await File.ReadAllTextAsync(TestFiles.GetGolden("default-metrics.txt"));
        await using var server = await SourceServer.StartAsync(golden + "# TYPE app_own gauge\napp_own 2.0\n");
        await using var kept = new SourceHost(SourceHost.BuildYaml(server));
        await using var dropped = new SourceHost(SourceHost.BuildYaml(server, "drop_default_families: true"));

        Assert.That(await dropped.CollectAsync(), Is.EqualTo(SourceHost.Own + "# HELP app_own \n# TYPE app_own gauge\napp_own 2.0\n"));
        Assert.That(await kept.CollectAsync(), Does.StartWith(SourceHost.Own + golden));
    }

    [Test]
    public async Task Headers_are_sent_and_secret_files_are_read_for_each_request()
    {
        using var folder = new TemporaryFolder();
        var requests = new List<string>();
        await using var server = await SourceServer.StartAsync(context =>
        {
            var headers = context.Request.Headers;
            requests.Add($"{headers.Authorization} {headers["X-Scope"]} {headers["X-Key"]} {headers.Cookie}");
            context.Response.Cookies.Append("session", "1");
            return context.Response.WriteAsync("a 1\n");
        });
        folder.Write("token", "first\n");
        folder.Write("key", "k");
        await using var host = new SourceHost(
            SourceHost.BuildYaml(server, "bearer_token_file: token", "headers: {X-Scope: acme}", "header_files: {X-Key: key}"),
            folder.Path);

        await host.CollectAsync();
        folder.Write("token", "second\n");
        await host.CollectAsync();

        Assert.That(requests, Is.EqualTo((string[])["Bearer first acme k ", "Bearer second acme k "]));
    }

    [Test]
    public async Task Last_successful_result_is_served_after_failures_until_it_is_older_than_serve_stale_for()
    {
        var status = 200;
        await using var server = await SourceServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("a 1\n");
        });
        var time = new FakeTimeProvider();
        await using var host = new SourceHost(SourceHost.BuildYaml(server, "serve_stale_for: 1m"), time: time);

        await host.CollectAsync();
        status = 500;
        time.Advance(TimeSpan.FromSeconds(30));
        var stale = await host.CollectAsync();
        time.Advance(TimeSpan.FromSeconds(31));
        var failed = await host.CollectAsync();

        Assert.That(stale, Is.EqualTo(SourceHost.Own + "# HELP a \n# TYPE a untyped\na 1.0\n"));
        Assert.That(failed, Is.EqualTo(SourceHost.Own));
    }

    [Test]
    public async Task Sources_may_share_a_family_but_a_source_with_a_conflicting_family_fails()
    {
        await using var first = await SourceServer.StartAsync("# TYPE a gauge\na{n=\"1\"} 1\n");
        await using var second = await SourceServer.StartAsync("# TYPE a gauge\na{n=\"2\"} 2\n");
        await using var third = await SourceServer.StartAsync("# TYPE a counter\na_total 3\n# TYPE b gauge\nb 1\n");
        await using var host = new SourceHost($$"""
            sources:
              - {name: first, url: '{{first.Url}}'}
              - {name: second, url: '{{second.Url}}'}
              - {name: third, url: '{{third.Url}}'}
            """);

        var text = await host.CollectAllAsync();

        Assert.That(text, Does.StartWith(SourceHost.Own + "# HELP a \n# TYPE a gauge\na{n=\"1\"} 1.0\na{n=\"2\"} 2.0\n# HELP wfo_scrape_"));
        Assert.That(text, Does.Contain("wfo_scrape_collector_success{collector=\"second\"} 1.0\n")
            .And.Contains("wfo_scrape_collector_success{collector=\"third\"} 0.0\n"));
    }
}
