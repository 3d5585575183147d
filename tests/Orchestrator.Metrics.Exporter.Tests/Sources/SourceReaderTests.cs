using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Sources;

internal sealed class SourceReaderTests
{
    [Test]
    public void All_keys_of_a_source_are_read()
    {
        using var folder = new TemporaryFolder();
        var token = folder.Write("token", "t");

        var source = SourceHost.Read(
            """
            sources:
              - name: python
                url: https://orchestrator:8080/api/metrics?x=1
                timeout: 2s
                cache_for: 15s
                serve_stale_for: 5m
                failure_policy: fail_scrape
                max_bytes: 1000
                prefix: py_
                labels: {site: a}
                drop_families: [python_info]
                drop_default_families: yes
                headers: {X-Scope: acme}
                header_files: {X-Key: token}
                bearer_token_file: token
            """, folder.Path).Single();

        Assert.Multiple(() =>
        {
            Assert.That(source.Name, Is.EqualTo("python"));
            Assert.That(source.Url, Is.EqualTo(new Uri("https://orchestrator:8080/api/metrics?x=1")));
            Assert.That(source.Timeout, Is.EqualTo(TimeSpan.FromSeconds(2)));
            Assert.That(source.CacheFor, Is.EqualTo(TimeSpan.FromSeconds(15)));
            Assert.That(source.ServeStaleFor, Is.EqualTo(TimeSpan.FromMinutes(5)));
            Assert.That(source.FailurePolicy, Is.EqualTo(FailurePolicy.FailScrape));
            Assert.That(source.MaxBytes, Is.EqualTo(1000));
            Assert.That(source.Prefix, Is.EqualTo("py_"));
            Assert.That(source.Labels, Is.EqualTo(new Dictionary<string, string> { ["site"] = "a" }));
            Assert.That(source.DropFamilies, Is.EquivalentTo((string[])[
                "python_info", "wfo_subscriptions_count", "wfo_process_count", "wfo_process_seconds_total_count",
                "wfo_engine_status", "wfo_active_process_count"]));
            Assert.That(source.Headers, Is.EqualTo(new Dictionary<string, string> { ["X-Scope"] = "acme" }));
            Assert.That(source.HeaderFiles, Is.EqualTo(new Dictionary<string, string> { ["X-Key"] = token }));
            Assert.That(source.BearerTokenFile, Is.EqualTo(token));
        });
    }

    [Test]
    public void Only_name_and_url_are_required()
    {
        var source = SourceHost.Read("sources: [{name: a, url: 'http://a/'}]").Single();

        Assert.That(source.Timeout, Is.EqualTo(TimeSpan.FromSeconds(10)));
        Assert.That(source.FailurePolicy, Is.Null);
        Assert.That(source.MaxBytes, Is.EqualTo(16 * 1024 * 1024));
        Assert.That(source.DropFamilies, Is.Empty);
        Assert.That(SourceHost.Read(""), Is.Empty);
    }

    [TestCase("name: a", "1:11: The key 'url' is missing")]
    [TestCase("url: 'http://a'", "1:11: The key 'name' is missing")]
    [TestCase("name: a, url: a/metrics", "1:26: The value is not a URL.")]
    [TestCase("name: a, url: 'file:///etc/passwd'", "1:26: The value is not a URL.")]
    [TestCase("name: a, url: 'http://user:s3cr3t@a/'", "1:26: The URL contains a user name or password")]
    [TestCase("name: a, url: 'http://a', timeout: 0s", "1:12: timeout of collector 'a' is 00:00:00; it must be longer than zero")]
    [TestCase("name: a, url: 'http://a', timeout: 2d", "1:47: The duration is longer than a day.")]
    [TestCase("name: a, url: 'http://a', cache_for: 5", "1:49: Expected a duration")]
    [TestCase("name: a, url: 'http://a', failure_policy: none", "1:54: The policy is unknown. Set one of: report_and_continue, fail_scrape.")]
    [TestCase("name: a, url: 'http://a', max_bytes: 0", "1:49: The size is not between 1 and")]
    [TestCase("name: a, url: 'http://a', prefix: '1-'", "1:12: prefix of collector 'a' is '1-', which is not a metric name prefix")]
    [TestCase("name: a, url: 'http://a', labels: {'': x}", "1:12: '' is not a valid label name for labels of collector 'a'")]
    [TestCase("name: a, url: 'http://a', labels: {a: [x]}", "1:50: Expected a string")]
    [TestCase("name: a, url: 'http://a', header: {a: x}", "1:38: The key 'header' is unknown. Did you mean 'headers'?")]
    [TestCase("name: a, url: 'http://a', headers: {'a b': x}", "1:38: The header 'a b' cannot be sent")]
    [TestCase("name: a, url: 'http://a', headers: {a: \"s3cr3t\\nB: c\"}", "1:38: The header 'a' cannot be sent")]
    [TestCase("name: a, url: 'http://a', headers: {Content-Type: x}", "1:38: The header 'Content-Type' cannot be sent")]
    [TestCase("name: a, url: 'http://a', headers: {X: y, x: z}", "1:38: The header 'x' is set twice.")]
    [TestCase("name: a, url: 'http://a', bearer_token_file: none", "1:57: The file '/none' does not exist.")]
    [TestCase("name: a, url: 'http://a', bearer_token_file: etc", "1:57: The file '/etc' is a folder.")]
    [TestCase("name: a, url: 'http://a', bearer_token_file: dev/zero", "1:57: The file '/dev/zero' is longer than 65536 characters. Shorten it.")]
    [TestCase("name: a, url: 'http://a', bearer_token_file: etc/passwd, headers: {authorization: x}",
        "1:69: The header 'authorization' is set twice.")]
    public void Invalid_source_is_an_error_with_its_position(string keys, string error)
    {
        var errors = Assert.Throws<ConfigurationException>(() => SourceHost.Read($"sources: [{{{keys}}}]"))!.Errors;

        Assert.That(errors.Single(), Does.StartWith("exporter.yaml:" + error).And.Not.Contains("s3cr3t"));
    }

    [TestCase("a")]
    [TestCase("A")]
    public void Names_of_sources_must_be_unique_regardless_of_case(string second) => Assert.That(
        Assert.Throws<ConfigurationException>(
            () => SourceHost.Read($"sources:\n  - {{name: a, url: 'http://a'}}\n  - {{name: {second}, url: 'http://b'}}\n"))!
            .Errors.Single(),
        Is.EqualTo($"exporter.yaml:3:6: A source or collector '{second}' is already defined. Rename one of them."));
}
