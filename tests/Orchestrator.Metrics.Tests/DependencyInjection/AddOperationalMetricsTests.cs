using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Moq;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

public class AddOperationalMetricsTests
{
    [TestCase(null, "", "AddScoped<IOperationalRepository, ...>()")]
    [TestCase("second", " with the key 'second'", "AddKeyedScoped<IOperationalRepository, ...>(\"second\")")]
    public void Missing_repository_is_a_startup_error(string? key, string withKey, string remedy)
    {
        using var services = BuildServices(builder => builder.AddOperationalMetrics(key: key));

        Assert.That(Assert.Throws<OptionsValidationException>(() => Validate(services)).Failures, Is.EqualTo(new[]
        {
            $"Collector 'OperationalCollector{(key is null ? "" : "_second")}' needs IOperationalRepository{withKey}, " +
            $"which the host does not register. Call services.{remedy}, or remove AddOperationalMetrics.",
        }));
    }

    [Test]
    public void Host_starts_if_the_repository_is_registered_after_AddOperationalMetrics()
    {
        using var services = BuildServices(builder =>
            builder.AddOperationalMetrics().Services.AddScoped(_ => Mock.Of<IOperationalRepository>()));

        Assert.That(() => Validate(services), Throws.Nothing);
    }

    [Test]
    public async Task Collectors_of_two_keys_read_from_their_repositories_and_share_the_window()
    {
        await using var services = new ServiceCollection()
            .AddScoped(_ => CreateRepository(1))
            .AddKeyedScoped("second", (_, _) => CreateRepository(2))
            .AddOrchestratorMetrics()
            .AddOperationalMetrics()
            .AddOperationalMetrics(
                options => options.Window = TimeSpan.FromMinutes(5),
                options => options.AddLabels = new Dictionary<string, string> { ["database"] = "second" },
                key: "second")
            .Services.BuildServiceProvider(validateScopes: true);

        var snapshot = await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon();

        Assert.That(snapshot.Families, Has.Count.EqualTo(4));
        Assert.That(snapshot.Families[^1].Help, Does.EndWith("in the last 300 seconds."));
        Assert.That(
            snapshot.Families[0].Samples.Select(sample => (sample.Labels.Count, sample.Value)),
            Is.EquivalentTo(new[] { (4, 1.0), (5, 2.0) }));
    }

    [Test]
    public void Collector_of_a_key_cannot_be_added_twice_or_declare_other_families()
    {
        var builder = new ServiceCollection().AddOrchestratorMetrics()
            .AddOperationalMetrics(configureCollector: options => options.FamilyNames = ["other"]);

        Assert.That(
            () => builder.AddOperationalMetrics(),
            Throws.InvalidOperationException.With.Message.StartsWith(
                "A collector named 'OperationalCollector' is already registered."));
        using var services = builder.AddGauge("wfo_processes", "", _ => 1).Services
            .AddScoped(_ => Mock.Of<IOperationalRepository>()).BuildServiceProvider(validateScopes: true);
        Assert.That(
            () => Validate(services),
            Throws.InstanceOf<OptionsValidationException>().With.Message.Contains(
                "both declare metric family 'wfo_processes'"));
    }

    [Test]
    public void Blank_key_is_an_error() => Assert.That(
        () => new ServiceCollection().AddOrchestratorMetrics().AddOperationalMetrics(key: " "),
        Throws.ArgumentException);

    [Test]
    public void Unknown_label_to_drop_is_an_error() => Assert.That(
        () => new ServiceCollection().AddOrchestratorMetrics().AddOperationalMetrics(
            configureCollector: options => options.DropLabels = ["customer_id"]),
        Throws.ArgumentException.With.Message.StartsWith(
            "DropLabels of collector 'OperationalCollector' names the label 'customer_id', which the collector does not"));

    [Test]
    public void Configuration_overrides_options_that_code_sets()
    {
        using var services = BuildServices(
            builder => builder.AddOperationalMetrics(
                options => (options.Window, options.Buckets) = (TimeSpan.FromDays(1), [1])),
            ("Operational:Window", "00:05:00"), ("Operational:Buckets:0", "0.5"), ("Operational:Buckets:1", "1e3"));

        var options = services.GetRequiredService<IOptions<OperationalMetricsOptions>>().Value;

        Assert.That(options.Window, Is.EqualTo(TimeSpan.FromMinutes(5)));
        Assert.That(options.Buckets, Is.EqualTo(new[] { 0.5, 1_000 }));
    }

    [TestCase("Window", "60", "OrchestratorMetrics:Operational:Window is '60', which .NET would read as 60 days.")]
    [TestCase("Window", "00:00:00.5", "OperationalMetricsOptions.Window is 00:00:00.5000000; it must be whole " +
        "seconds, from 1 second to 365 days.")]
    [TestCase("Window", "00:00:01.5", "OperationalMetricsOptions.Window is 00:00:01.5000000; it must be whole seconds")]
    [TestCase("Window", "-00:00:01", "OperationalMetricsOptions.Window is -00:00:01; it must be whole seconds")]
    [TestCase("Window", "00:00:01", null)]
    [TestCase("Window", "365.00:00:00", null)]
    [TestCase("Window", "365.00:00:01", "OperationalMetricsOptions.Window is 365.00:00:01; it must be whole seconds")]
    [TestCase("Buckets", "1", "OrchestratorMetrics:Operational:Buckets is '1', which is not a list.")]
    [TestCase("Buckets", "", "OperationalMetricsOptions.Buckets is a list of 0 bounds; it must be a list of 1 to 100 bounds.")]
    [TestCase("Buckets:0", "1,5", "OrchestratorMetrics:Operational:Buckets contains '1,5', which is not a number.")]
    [TestCase("Buckets:0", "0", "OperationalMetricsOptions.Buckets is 0.0; it must be ascending bounds in seconds, above 0")]
    [TestCase("Buckets:0", "NaN", "OperationalMetricsOptions.Buckets is NaN; it must be ascending bounds")]
    [TestCase("Buckets:0", "Infinity", "OperationalMetricsOptions.Buckets is +Inf; it must be ascending bounds")]
    [TestCase("Buckets:0", "1e9", null)]
    [TestCase("Bucket", "1", "OrchestratorMetrics:Operational:Bucket is not a known setting. Known: Window, Buckets.")]
    public void Invalid_option_is_a_startup_error(string key, string value, string? problem)
    {
        using var services = BuildServices(
            builder => builder.AddOperationalMetrics().Services.AddScoped(_ => Mock.Of<IOperationalRepository>()),
            ($"Operational:{key}", value));

        if (problem is null)
            Assert.That(() => Validate(services), Throws.Nothing);
        else
            Assert.That(
                Assert.Throws<OptionsValidationException>(() => Validate(services)).Message,
                Does.StartWith(problem));
    }

    [TestCase(0, 1)]
    [TestCase(1, 1)]
    [TestCase(2, 1)]
    [TestCase(1, 1_000_000_001)]
    public void Bounds_that_do_not_ascend_or_are_out_of_range_are_a_startup_error(double first, double second)
    {
        using var services = BuildServices(builder => builder
            .AddOperationalMetrics(options => options.Buckets = [first, second])
            .Services.AddScoped(_ => Mock.Of<IOperationalRepository>()));

        Assert.That(
            Assert.Throws<OptionsValidationException>(() => Validate(services)).Message,
            Is.EqualTo(
                $"OperationalMetricsOptions.Buckets is {NumberFormat.FormatGo(first)}, {NumberFormat.FormatGo(second)}; " +
                "it must be ascending bounds in seconds, above 0 and at most 1000000000; +Inf is added."));
    }

    [TestCase(null)]
    [TestCase(0)]
    [TestCase(100)]
    [TestCase(101)]
    public void Number_of_bounds_is_limited(int? count)
    {
        double[]? bounds = count is null ? null : [.. Enumerable.Range(1, count.Value).Select(i => (double)i)];
        using var services = BuildServices(builder => builder
            .AddOperationalMetrics(options => options.Buckets = bounds!)
            .Services.AddScoped(_ => Mock.Of<IOperationalRepository>()));

        if (count == 100)
            Assert.That(() => Validate(services), Throws.Nothing);
        else
            Assert.That(
                Assert.Throws<OptionsValidationException>(() => Validate(services)).Message, Is.EqualTo(
                    $"OperationalMetricsOptions.Buckets is a list of {count ?? 0} bounds; " +
                    "it must be a list of 1 to 100 bounds."));
    }

    [TestCase("00:10:00", 10, false)]
    [TestCase("00:20:00", 10, true)]
    [TestCase("00:10:00", 11, true)]
    public async Task Window_and_buckets_change_the_hash_of_the_options(string window, double bound, bool changes)
    {
        var plain = await GetHashAsync("00:10:00", 10);
        Assert.That(
            await GetHashAsync(window, bound), changes ? Is.Not.EqualTo(plain) : Is.EqualTo(plain));
    }

    [Test]
    public async Task Changed_name_applies_to_the_hash_and_to_errors()
    {
        Assert.That(
            await GetHashAsync("00:20:00", 10, "mine"), Is.Not.EqualTo(await GetHashAsync("00:10:00", 10, "mine")));
        using var services = BuildServices(
            builder => builder.AddOperationalMetrics(configureCollector: options => options.Name = "mine"));
        Assert.That(
            Assert.Throws<OptionsValidationException>(() => Validate(services)).Message,
            Does.StartWith("Collector 'mine' needs IOperationalRepository,"));
    }

    private static async Task<string> GetHashAsync(string window, double bound, string name = "OperationalCollector")
    {
        var store = new FakeResultStore { Stored = new([], TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMinutes(1)) };
        await using var host = new MetricsHost(metrics =>
        {
            metrics.Services.AddSingleton<ICollectorResultStore>(store);
            metrics.Services.AddScoped(_ => Mock.Of<IOperationalRepository>());
            metrics.Services.AddSingleton(ConfiguredServices.CreateSettings(("Operational:Window", window)));
            metrics.AddOperationalMetrics(
                options => options.Buckets = [bound],
                options => (options.Name, options.CacheFor) = (name, TimeSpan.FromMinutes(1)));
        });
        await host.ScrapeAsync();
        return store.Requests.Single().OptionsHash;
    }

    private static ServiceProvider BuildServices(
        Action<OrchestratorMetricsBuilder> add, params (string Key, string? Value)[] settings)
    {
        var services = new ServiceCollection().AddSingleton(ConfiguredServices.CreateSettings(settings));
        add(services.AddOrchestratorMetrics());
        return services.BuildServiceProvider(validateScopes: true);
    }

    private static void Validate(IServiceProvider services) =>
        services.GetRequiredService<IStartupValidator>().Validate();

    private static IOperationalRepository CreateRepository(long count)
    {
        var repository = new Mock<IOperationalRepository>();
        repository.Setup(r => r.GetOperationalStateAsync(
            It.IsAny<TimeSpan>(), It.IsAny<IReadOnlyList<double>>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(new OperationalState
            {
                Processes =
                [
                    new()
                    {
                        LastStatus = "running", IsTask = true, WorkflowName = "w", WorkflowTarget = "T", Count = count,
                    },
                ],
                RecentlyEnded = [],
            });
        return repository.Object;
    }
}
