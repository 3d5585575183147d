using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Database;
using Orchestrator.Metrics.Exporter.Hosting;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Database;

/// <summary>Changed and unavailable secrets, and disposal, without a database server.</summary>
internal sealed class OrchestratorDataSourceTests
{
    [Test]
    public async Task Replaced_data_sources_of_Npgsql_are_disposed()
    {
        const string Application = "replaced-sources";
        var rotation = 0;
        await using (var source = new OrchestratorDataSource(
            () => $"Host=127.0.0.1;Application Name={Application};Password={rotation}", NullLoggerFactory.Instance))
        {
            for (rotation = 1; rotation <= 4; rotation++)
                await source.CreateConnection().DisposeAsync();

            // The previous data source is kept for collectors that are about to open a connection.
            Assert.That(CountSources(Application), Is.EqualTo(2));
        }

        Assert.That(CountSources(Application), Is.Zero);
    }

    [Test]
    public async Task Secret_that_changes_after_disposal_leaves_no_data_source_behind()
    {
        const string Application = "changed-after-disposal";
        var password = 1;
        var source = new OrchestratorDataSource(
            () => $"Host=127.0.0.1;Application Name={Application};Password={password}", NullLoggerFactory.Instance);
        await source.DisposeAsync();
        password = 2;

        await source.CreateConnection().DisposeAsync();

        Assert.That(CountSources(Application), Is.Zero);
    }

    [Test]
    public void Data_source_of_an_invalid_configuration_is_disposed()
    {
        const string Application = "invalid-configuration";
        var loader = new ConfigurationLoader(
            CommandLine.Parse([]).Values,
            new Dictionary<string, string>
            {
                ["DATABASE_URI"] = $"postgresql://127.0.0.1:1/db?application_name={Application}",
                ["WFO_EXPORTER_REDIS_CONNECTION"] = "redis://localhost",
            });

        Assert.Throws<ConfigurationException>(() => MetricsHost.Create(loader.Load(), NullLoggerFactory.Instance));

        Assert.That(CountSources(Application), Is.Zero);
    }

    [Test]
    public async Task Secret_on_a_volume_that_does_not_respond_blocks_one_caller_only()
    {
        using var isReading = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        var hangs = false;
        var log = new ListLogger();
        await using var source = new OrchestratorDataSource(Read, LoggerFactory.Create(logging => logging.AddProvider(log)));

        hangs = true;
        var waiting = Connect();
        isReading.BlockUntilSet();
        await (await Connect().Soon()).DisposeAsync();
        await (await Connect().Soon()).DisposeAsync();
        Assert.That(waiting.IsCompleted, Is.False);
        gate.Set();
        await (await waiting.Soon()).DisposeAsync();

        Assert.That(log.Entries.Select(entry => entry.Message), Is.EqualTo(new[]
        {
            "The last valid database secret stays in use. Its file cannot be read: the volume does not respond.",
        }));

        string Read()
        {
            if (hangs)
            {
                isReading.Set();
                gate.BlockUntilSet();
            }

            return "Host=127.0.0.1";
        }

        Task<System.Data.Common.DbConnection> Connect() => Task.Factory.StartNew(
            source.CreateConnection, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Counts the data sources of an application in the metrics of Npgsql.</summary>
    private static int CountSources(string application)
    {
        var count = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument is { Meter.Name: "Npgsql", Name: "db.client.connection.max" })
                listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((_, _, tags, _) =>
            count += tags[0].Value is string name && name.Contains(application, StringComparison.Ordinal) ? 1 : 0);
        listener.Start();
        listener.RecordObservableInstruments();
        return count;
    }
}
