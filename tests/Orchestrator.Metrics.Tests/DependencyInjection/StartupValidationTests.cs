using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Moq;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

/// <summary>What is wrong is said at start-up and not at the first scrape, with or without a host.</summary>
public class StartupValidationTests
{
    [TestCase(DefaultCollectors.Subscriptions, "ISubscriptionRepository", "SubscriptionCollector")]
    [TestCase(DefaultCollectors.Processes, "IProcessRepository", "ProcessCollector")]
    [TestCase(DefaultCollectors.WorkflowEngine, "IWorkflowEngineRepository", "WorkflowEngineCollector")]
    public void A_missing_repository_is_named_with_both_ways_out(
        DefaultCollectors selected, string repository, string collector)
    {
        var message = Problem(options => options.DefaultCollectors = selected);

        Assert.That(message, Does.Contain(repository).And.Contain(collector));
        Assert.That(message, Does.Contain($"services.AddScoped<{repository}, ...>()"));
        Assert.That(message, Does.Contain($"options.DefaultCollectors &= ~DefaultCollectors.{selected}"));
    }

    [Test]
    public void All_missing_repositories_are_named_at_once() =>
        Assert.That(
            Problem(_ => { }),
            Does.Contain("ISubscriptionRepository").And.Contain("IProcessRepository")
                .And.Contain("IWorkflowEngineRepository"));

    [Test]
    public void A_repository_that_is_there_is_not_complained_about()
    {
        var message = Problem(_ => { }, services => services.AddScoped(_ => Mock.Of<IProcessRepository>()));

        Assert.That(message, Does.Contain("ISubscriptionRepository").And.Not.Contain("IProcessRepository"));
    }

    [Test]
    public void The_first_way_out_is_one()
    {
        var services = new ServiceCollection();
        services.AddOrchestratorMetrics();
        services.AddScoped(_ => Mock.Of<ISubscriptionRepository>());
        services.AddScoped(_ => Mock.Of<IProcessRepository>());
        services.AddScoped(_ => Mock.Of<IWorkflowEngineRepository>());
        using var provider = services.BuildServiceProvider(validateScopes: true);

        Assert.That(() => provider.GetRequiredService<IStartupValidator>().Validate(), Throws.Nothing);
        Assert.That(provider.GetRequiredService<OrchestratorMetricsRegistry>(), Is.Not.Null);
    }

    [Test]
    public void The_second_way_out_is_one_too()
    {
        var services = new ServiceCollection();
        services.AddOrchestratorMetrics(options => options.DefaultCollectors &= ~DefaultCollectors.Subscriptions);
        services.AddOrchestratorMetrics(options => options.DefaultCollectors &= ~DefaultCollectors.Processes);
        services.AddOrchestratorMetrics(options => options.DefaultCollectors &= ~DefaultCollectors.WorkflowEngine);
        using var provider = services.BuildServiceProvider(validateScopes: true);

        Assert.That(() => provider.GetRequiredService<IStartupValidator>().Validate(), Throws.Nothing);
        Assert.That(provider.GetRequiredService<OrchestratorMetricsRegistry>(), Is.Not.Null);
    }

    [Test]
    public void A_collector_that_claims_a_family_of_a_default_one_is_found_and_both_are_named()
    {
        var message = Problem(
            options => options.DefaultCollectors = DefaultCollectors.Processes,
            services =>
            {
                services.AddScoped(_ => Mock.Of<IProcessRepository>());
                services.AddOrchestratorMetrics().AddCollector(
                    FakeCollector.Counting("x"), options => options.FamilyNames = ["wfo_process_count"]);
            });

        Assert.That(message, Does.Contain("'ProcessCollector'").And.Contain("'FakeCollector'")
            .And.Contain("'wfo_process_count'"));
    }

    [Test]
    public void A_collector_named_like_a_default_one_is_found() =>
        Assert.That(
            Problem(
                options => options.DefaultCollectors = DefaultCollectors.Processes,
                services =>
                {
                    services.AddScoped(_ => Mock.Of<IProcessRepository>());
                    services.AddOrchestratorMetrics().AddCollector(
                        FakeCollector.Counting("x"), options => options.Name = "ProcessCollector");
                }),
            Does.Contain("'ProcessCollector'"));

    [Test]
    public void Default_collectors_that_were_all_given_one_name_are_found()
    {
        var message = Problem(
            options => options.DefaultCollectors = DefaultCollectors.All,
            services =>
            {
                services.AddScoped(_ => Mock.Of<ISubscriptionRepository>());
                services.AddScoped(_ => Mock.Of<IProcessRepository>());
                services.AddScoped(_ => Mock.Of<IWorkflowEngineRepository>());
                services.AddOrchestratorMetrics().ConfigureDefaultCollectors(
                    DefaultCollectors.All, options => options.Name = "Orchestrator");
            });

        // Once, though each of the three is in the way of two.
        Assert.That(message, Does.StartWith("A collector named 'Orchestrator' is registered already."));
        Assert.That(message.Split("'Orchestrator'"), Has.Length.EqualTo(2));
    }

    [Test]
    public void It_may_have_the_name_if_the_default_one_is_left_out()
    {
        var services = new ServiceCollection();
        services.AddOrchestratorMetrics(options => options.DefaultCollectors = DefaultCollectors.None)
            .AddCollector(FakeCollector.Counting("x"), options =>
            {
                options.Name = "ProcessCollector";
                options.FamilyNames = ["wfo_process_count"];
            });
        using var provider = services.BuildServiceProvider();

        Assert.That(() => provider.GetRequiredService<IStartupValidator>().Validate(), Throws.Nothing);
    }

    private static IEnumerable<TestCaseData> InvalidOptions()
    {
        yield return Case("CollectorTimeout", options => options.CollectorTimeout = TimeSpan.Zero);
        yield return Case("CollectorTimeout", options => options.CollectorTimeout = Timeout.InfiniteTimeSpan);
        yield return Case("CollectorTimeout", options => options.CollectorTimeout = TimeSpan.FromDays(1.1));
        yield return Case("ScrapeTimeoutOffset", options => options.ScrapeTimeoutOffset = TimeSpan.FromTicks(-1));
        yield return Case("ScrapeTimeoutOffset", options => options.ScrapeTimeoutOffset = BoundFrom("1"));
        yield return Case("FailurePolicy", options => options.FailurePolicy = (FailurePolicy)2);
        yield return Case("MaxConcurrentCollectors", options => options.MaxConcurrentCollectors = 0);
        yield return Case("MaxConcurrentScrapes", options => options.MaxConcurrentScrapes = 0);
        yield return Case("MaxSamplesPerCollector", options => options.MaxSamplesPerCollector = 0);
        yield return Case("MeterInterval", options => options.MeterInterval = TimeSpan.FromSeconds(0.999));
        yield return Case("MeterInterval", options => options.MeterInterval = TimeSpan.FromDays(1.1));
        yield return Case("MeterInterval", options => options.MeterInterval = Timeout.InfiniteTimeSpan);

        static TestCaseData Case(string option, Action<OrchestratorMetricsOptions> configure) => new(option, configure);

        // A number without colons is one of days, for who binds options to a configuration too.
        static TimeSpan BoundFrom(string value) => TimeSpan.Parse(value, CultureInfo.InvariantCulture);
    }

    [TestCaseSource(nameof(InvalidOptions))]
    public void An_option_that_makes_no_sense_is_named(string option, Action<OrchestratorMetricsOptions> configure)
    {
        var message = Problem(options =>
        {
            options.DefaultCollectors = DefaultCollectors.None;
            configure(options);
        });

        Assert.That(message, Does.Contain($"OrchestratorMetricsOptions.{option} is").And.Contain("must be"));
    }

    [TestCaseSource(nameof(InvalidOptions))]
    public void So_it_is_without_a_container(string option, Action<OrchestratorMetricsOptions> configure)
    {
        var options = new OrchestratorMetricsOptions();
        configure(options);

        var error = Assert.Throws<ArgumentException>(() => _ = new OrchestratorMetricsRegistry(options));

        Assert.That(error.Message, Does.Contain(option));
    }

    [Test]
    public void The_longest_and_shortest_that_make_sense_are_allowed() =>
        Assert.That(
            () => new OrchestratorMetricsRegistry(new OrchestratorMetricsOptions
            {
                CollectorTimeout = TimeSpan.FromDays(1),
                ScrapeTimeoutOffset = TimeSpan.Zero,
                MaxConcurrentCollectors = 1,
                MaxConcurrentScrapes = 1,
                MaxSamplesPerCollector = 1,
                MeterInterval = TimeSpan.FromSeconds(1),
            }),
            Throws.Nothing);

    /// <summary>The message, which must be the same at the host's start and where there is no host.</summary>
    private static string Problem(
        Action<OrchestratorMetricsOptions> configure, Action<IServiceCollection>? add = null)
    {
        var services = new ServiceCollection();
        services.AddOrchestratorMetrics(configure);
        add?.Invoke(services);
        using var provider = services.BuildServiceProvider(validateScopes: true);
        var atStart = Assert.Throws<OptionsValidationException>(
            () => provider.GetRequiredService<IStartupValidator>().Validate());
        var atUse = Assert.Throws<OptionsValidationException>(
            () => provider.GetRequiredService<OrchestratorMetricsRegistry>());
        Assert.That(atUse.Message, Is.EqualTo(atStart.Message));
        return atStart.Message;
    }
}
