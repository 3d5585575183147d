using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Hosting;

namespace Orchestrator.Metrics.Exporter.Tests.Configuration;

// Errors of the packages name the settings of the exporter.
public class SettingNamesTests
{
    [TestCase("orchestrator_api: {client_id: x}", "orchestrator_api.base_address is not set. " +
        "Set orchestrator_api.base_address, for example to https://orchestrator.example.org.")]
    [TestCase("orchestrator_api: {base_address: 'http://h', client_id: x}", "1:57: orchestrator_api sets client credentials " +
        "without orchestrator_api.token_endpoint and orchestrator_api.client_secret. Set orchestrator_api.token_endpoint, " +
        "orchestrator_api.client_id and orchestrator_api.client_secret.")]
    [TestCase("orchestrator_api: {base_address: 'http://h', token: a, token_endpoint: 'https://h', client_id: x}",
        "1:53: orchestrator_api sets orchestrator_api.token and client credentials, but")]
    [TestCase("orchestrator_api: {base_address: h}", "1:34: orchestrator_api.base_address")]
    [TestCase("operational: {enabled: true, buckets: [2, 1]}", "1:39: operational.buckets is 2.0, 1.0; it must be")]
    [TestCase("scrape: {label_hash_key: short}", "1:26: scrape.label_hash_key has 5 characters; it must have at least 16.")]
    [TestCase("scrape: {metrics_prefix: 1-}", "1:26: scrape.metrics_prefix is '1-', which is not")]
    [TestCase("sources: [{name: my-api, url: 'http://h'}]\ncollectors: {my-api: {name_prefix: 1-}}",
        "2:36: collectors.my-api.name_prefix is '1-', which is not")]
    [TestCase("sources: [{name: api, url: 'http://h', serve_stale_for: 1s}]\ncollectors: {api: {refresh_every: 1m}}",
        "2:35: collectors.api is invalid: serve_stale_for of collector 'api' is 00:00:01, but refresh_every is 00:01:00")]
    [TestCase("collectors: {subscriptions: {add_labels: {insync: x}}}", "1:42: collectors.subscriptions is invalid: add_labels")]
    public void Error_of_an_invalid_option_names_its_setting_and_position(string yaml, string message)
    {
        var errors = GetErrors(yaml);

        Assert.That(errors.Select(error => error.Split("/exporter.yaml:")[^1]), Has.Some.StartsWith(message));
        Assert.That(errors, Has.None.Contains("Options").And.None.Contains("OrchestratorMetrics:"));
    }

    [Test]
    public void Invalid_option_of_a_flag_has_no_position_in_the_file() => Assert.That(
        GetErrors("collectors: {subscriptions: {name_prefix: a_}}", "--collectors.subscriptions.name-prefix=1-"),
        Has.Some.StartsWith("collectors.subscriptions.name_prefix is '1-', which is not"));

    [TestCase("RelationalOptions.SharedSnapshot is true, but", "database.shared_snapshot is true, but")]
    [TestCase("More than MaxSamplesPerCollector samples.", "More than scrape.max_samples_per_collector samples.")]
    [TestCase("CollectorOptions.FailurePolicy of a collector", "failure_policy of a collector")]
    [TestCase("Raise MaxConcurrentCollectors, or find", "Raise scrape.max_concurrent_collectors, or find")]
    [TestCase("Set CacheFor or RefreshEvery; also CollectorOptions.Shared.", "Set cache_for or refresh_every; also shared.")]
    [TestCase("distinguish their series with AddLabels", "distinguish their series with add_labels")]
    [TestCase("HashLabels of collector 'x' needs OrchestratorMetrics:LabelHashKey",
        "hash_labels of collector 'x' needs scrape.label_hash_key")]
    [TestCase("within 5 s (WriteTimeout), so", "within 5 s (web.write_timeout), so")]
    [TestCase("Timeout during reading; Shared, Window, Token, Scope", "Timeout during reading; Shared, Window, Token, Scope")]
    [TestCase("family 'CacheFor' of a.CacheFor, CacheForever", "family 'CacheFor' of a.CacheFor, CacheForever")]
    [TestCase("Set another name: options => options.Name = \"...\".", "Set another name.")]
    [TestCase("OrchestratorMetrics:Collectors:x:FailurePolicy", "collectors.x.failure_policy")]
    public void Option_is_translated_unless_it_is_a_word_or_a_value(string message, string expected) =>
        Assert.That(SettingNames.Translate(message), Is.EqualTo(expected));

    private static IReadOnlyList<string> GetErrors(string yaml, params string[] flags)
    {
        var options = ConfigurationLoaderTests.Load(
            yaml, ["--collectors.processes.refresh-every=0s", .. flags], ("DATABASE_URI", "postgresql://127.0.0.1:1/d"));
        return Assert.Throws<ConfigurationException>(
            () => MetricsHost.Create(options, NullLoggerFactory.Instance))!.Errors;
    }
}
