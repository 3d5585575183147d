using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Orchestrator.Metrics.Exporter.Hosting;
using Orchestrator.Metrics.Exporter.Tests.Configuration;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

public class LogFormatterTests
{
    private const string RunCheck = "Run orchestrator-metrics-exporter --check, which reports the cause and what to do.";

    [TestCase("Stopped.", "msg=Stopped.")]
    [TestCase("two words", "msg=\"two words\"")]
    [TestCase("a=b", "msg=\"a=b\"")]
    [TestCase("", "msg=\"\"")]
    [TestCase("line\nbreak \"x\" \\ \t\r\u0001", @"msg=""line\nbreak \""x\"" \\ \t\r\u0001""")]
    public void Logfmt_is_one_line_with_quotes_where_needed(string message, string expected)
    {
        var line = Write(LogLevel.Warning, message, "log: {format: logfmt}");

        Assert.That(line, Does.Match(@"^time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=warn msg="));
        Assert.That(line, Does.EndWith($" {expected}\n"));
    }

    [Test]
    public void Json_is_one_object_on_one_line()
    {
        var line = Write(LogLevel.Critical, "a \"b\"\n", "log: {format: json}", new InvalidOperationException("cause"));

        using var json = JsonDocument.Parse(line);
        Assert.That(line.TrimEnd('\n'), Does.Not.Contain("\n"));
        Assert.That(json.RootElement.GetProperty("level").GetString(), Is.EqualTo("error"));
        Assert.That(json.RootElement.GetProperty("msg").GetString(), Is.EqualTo("a \"b\"\n"));
        Assert.That(json.RootElement.GetProperty("err").GetString(), Is.EqualTo("cause"));
    }

    [Test]
    public void Exception_is_logged_with_its_causes_and_at_level_debug_with_its_stack_trace()
    {
        var exception = new InvalidOperationException("outer.", new TimeoutException("inner"));

        Assert.That(Write(LogLevel.Error, "m", "log: {level: info}", exception), Does.EndWith(" err=\"outer: inner\"\n"));
        Assert.That(Write(LogLevel.Error, "m", "log: {level: debug}", exception), Does.Contain("TimeoutException"));
    }

    [Test]
    public void Error_of_PostgreSQL_has_its_code_and_no_position()
    {
        var exception = new InvalidOperationException(
            "Run the migrations.", new PostgresException("no table", "ERROR", "ERROR", "42P01", position: 1181));

        Assert.That(
            Write(LogLevel.Error, "m", "{}", exception), Does.EndWith(" err=\"Run the migrations: 42P01: no table\"\n"));
    }

    [Test]
    public void Failure_of_a_query_names_its_metrics()
    {
        var exception = new InvalidOperationException("no column") { Data = { ["Families"] = "acme_a, acme_b" } };

        Assert.That(Write(LogLevel.Error, "m", "{}", exception), Does.EndWith(" err=\"no column\" metrics=\"acme_a, acme_b\"\n"));
    }

    [TestCase(null, RunCheck)]
    [TestCase("acme_ports", RunCheck)]
    [TestCase("wfo_engine_status", "If the collector is a source, set its drop_default_families to true instead.")]
    public void Log_line_of_a_failed_collector_ends_with_a_hint(string? family, string hint)
    {
        KeyValuePair<string, object?>[] state =
            [new("Collector", "api"), new("Family", family), new("{OriginalFormat}", "...")];

        Assert.That(Write(LogLevel.Error, "m", "{}", null, state), Does.EndWith($" hint=\"{hint}\"\n"));
        Assert.That(Write(LogLevel.Information, "m", "{}", null, state), Does.Not.Contain("hint="));
        Assert.That(Write(LogLevel.Error, "m", "{}"), Does.Not.Contain("hint="));
    }

    [TestCase("mine", "The query does not match the database schema (no column). Correct the query.")]
    [TestCase("ProcessCollector", "The query does not match the database schema (no column). Check the version of " +
        "orchestrator-core: its metrics need 2.0.1 or later.")]
    public void Failed_query_is_explained_as_in_a_check(string collector, string hint)
    {
        var exception = new PostgresException("no column", "ERROR", "ERROR", "42703");

        Assert.That(
            Write(LogLevel.Error, "m", "{}", exception, BuildState(collector)),
            Does.EndWith($" err=\"42703: no column\" hint=\"{hint}\"\n"));
    }

    [Test]
    public async Task Lost_connection_is_explained_with_its_servers_without_reading_the_secret_again()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("uri", "postgresql://db1:1,db2:2/d");
        var options = ConfigurationLoaderTests.Load($"database: {{uri_file: {file}}}");
        var log = new LogSettings(options);
        var exception = new NpgsqlException("lost", new SocketException((int)SocketError.ConnectionRefused));

        var early = Write(log, LogLevel.Error, "m", exception, BuildState("mine"));
        await using var host = MetricsHost.Create(options, NullLoggerFactory.Instance);
        log.Update(options, host);
        File.Delete(file);
        var late = Write(log, LogLevel.Error, "m", exception, BuildState("mine"));

        Assert.That(early, Does.Contain(" hint=\"No server listens at the server. Check host and port in "));
        Assert.That(late, Does.Contain(" hint=\"No server listens at db1:1, db2:2. Check host and port in "));
    }

    [Test]
    public void Label_conflict_of_a_source_names_its_settings()
    {
        var exception = new ArgumentException("Rename it in AddLabels, or drop the existing label with DropLabels.");

        Assert.That(
            Write(
                LogLevel.Error, "m", "sources: [{name: api, url: 'http://h', labels: {a: b}}]", exception,
                BuildState("api"), "Orchestrator.Metrics.OrchestratorMetricsRegistry"),
            Does.Contain(" err=\"Rename it in labels, or drop the existing label with collectors.api.drop_labels.\" "));
    }

    [TestCase("Orchestrator.Metrics.OrchestratorMetricsRegistry", "Raise scrape.max_concurrent_collectors.", "Set cache_for.")]
    [TestCase("Npgsql", "Raise MaxConcurrentCollectors.", "Set CacheFor.")]
    public void Options_are_translated_to_settings_only_in_messages_of_the_packages(
        string category, string message, string error)
    {
        var exception = new InvalidOperationException("Set CacheFor.");

        Assert.That(
            Write(LogLevel.Warning, "Raise MaxConcurrentCollectors.", "{}", exception, "", category),
            Does.EndWith($" msg=\"{message}\" err=\"{error}\"\n"));
    }

    private static KeyValuePair<string, object?>[] BuildState(string collector) =>
        [new("Collector", collector), new("{OriginalFormat}", "...")];

    private static string Write(LogLevel level, string message, string yaml, Exception? exception = null) =>
        Write(level, message, yaml, exception, message);

    private static string Write<TState>(
        LogLevel level, string message, string yaml, Exception? exception, TState state, string category = "c") =>
        Write(new LogSettings(ConfigurationLoaderTests.Load(yaml)), level, message, exception, state, category);

    private static string Write<TState>(
        LogSettings log, LogLevel level, string message, Exception? exception, TState state, string category = "c")
    {
        var formatter = new LogFormatter(log);
        using var output = new StringWriter { NewLine = "\n" };
        formatter.Write(
            new LogEntry<TState>(level, category, 0, state, exception, (_, _) => message), scopeProvider: null, output);
        return output.ToString();
    }
}
