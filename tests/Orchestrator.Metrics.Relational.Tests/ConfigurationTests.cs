using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.Tests;

public class ConfigurationTests
{
    [Test]
    public void Configuration_overrides_the_relational_options_that_code_sets()
    {
        using var host = Build(
            ("OrchestratorMetrics:Relational:ParallelQuery", "false"),
            ("OrchestratorMetrics:Relational:SharedSnapshot", "true"));

        var options = host.Services.GetRequiredService<IOptions<RelationalOptions>>().Value;

        Assert.That((options.ParallelQuery, options.SharedSnapshot), Is.EqualTo((false, true)));
    }

    [Test]
    public void Relational_options_without_a_setting_keep_the_value_of_the_code()
    {
        using var host = Build();

        var options = host.Services.GetRequiredService<IOptions<RelationalOptions>>().Value;

        Assert.That((options.ParallelQuery, options.SharedSnapshot), Is.EqualTo((true, false)));
    }

    [TestCase("ParallelQuery", "maybe", "OrchestratorMetrics:Relational:ParallelQuery is 'maybe', which is neither true nor")]
    [TestCase("Dialect", "oracle", "OrchestratorMetrics:Relational:Dialect is not a known setting. Known: ParallelQuery, ")]
    public async Task Invalid_relational_setting_is_a_startup_error(string key, string value, string message)
    {
        using var host = Build(($"OrchestratorMetrics:Relational:{key}", value));

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.That(error!.Message, Does.StartWith(message));
    }

    [TestCase("SharedSnapshot")]
    [TestCase("Paralel")]
    public async Task Setting_outside_the_databases_is_a_startup_error_if_all_databases_have_names(string key)
    {
        await using var sqlite = new TemporarySqlite();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
        [
            new("OrchestratorMetrics:Relational:" + key, "true"),
            new("OrchestratorMetrics:Relational:databases:second:SharedSnapshot", "true"),
        ]);
        builder.Services.AddKeyedSingleton("second", sqlite.DataSource)
            .AddOrchestratorMetrics().AddOrchestratorDatabase("second");
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.That(error!.Failures, Is.EqualTo(new[]
        {
            $"OrchestratorMetrics:Relational:{key} applies to no database, because all databases have names. Set " +
                $"OrchestratorMetrics:Relational:Databases:<name>:{key}.",
        }));
    }

    [TestCase(null, "The database needs a DbDataSource, but none is registered.")]
    [TestCase("second", "Database 'second' needs a DbDataSource, but none is registered with this key.")]
    public async Task Missing_data_source_is_a_startup_error(string? database, string message)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddOrchestratorMetrics().AddOrchestratorDatabase(database);
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.That(error!.Message, Does.StartWith(message));
    }

    private static IHost Build(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddOrchestratorMetrics(options => options.DefaultCollectors = DefaultCollectors.None)
            .AddRelationalRepositories(options => options.ParallelQuery = true);
        builder.Services.AddSingleton<DbDataSource>(SqliteFactory.Instance.CreateDataSource("Data Source=:memory:"));
        return builder.Build();
    }
}
