using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Moq;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

public class StartupValidationTests
{
    [TestCase(DefaultCollectors.Subscriptions, "ISubscriptionRepository", "SubscriptionCollector")]
    [TestCase(DefaultCollectors.Processes, "IProcessRepository", "ProcessCollector")]
    [TestCase(DefaultCollectors.WorkflowEngine, "IWorkflowEngineRepository", "WorkflowEngineCollector")]
    public void Missing_repository_is_named_with_both_remedies(
        DefaultCollectors selected, string repository, string collector)
    {
        var message = GetProblem(options => options.DefaultCollectors = selected);

        Assert.That(message, Does.Contain(repository).And.Contain(collector));
        Assert.That(message, Does.Contain($"services.AddScoped<{repository}, ...>()"));
        Assert.That(message, Does.Contain($"options.DefaultCollectors &= ~DefaultCollectors.{selected}"));
    }

    [Test]
    public void Missing_repositories_are_named_in_one_message() =>
        Assert.That(
            GetProblem(options => options.DefaultCollectors = DefaultCollectors.All),
            Is.EqualTo(
                "The default collectors SubscriptionCollector, ProcessCollector and WorkflowEngineCollector need " +
                "ISubscriptionRepository, IProcessRepository and IWorkflowEngineRepository, which the host does not " +
                "register. Call services.AddScoped<ISubscriptionRepository, ...>(), " +
                "services.AddScoped<IProcessRepository, ...>() and " +
                "services.AddScoped<IWorkflowEngineRepository, ...>(), or exclude the collectors: " +
                "services.AddOrchestratorMetrics(options => options.DefaultCollectors &= " +
                "~DefaultCollectors.Subscriptions & ~DefaultCollectors.Processes & " +
                "~DefaultCollectors.WorkflowEngine)."));

    [Test]
    public void Startup_error_names_only_the_missing_repositories()
    {
        var message = GetProblem(_ => { }, services => services.AddScoped(_ => Mock.Of<IProcessRepository>()));

        Assert.That(
            message,
            Does.Contain("ISubscriptionRepository and IWorkflowEngineRepository")
                .And.Not.Contain("IProcessRepository"));
        Assert.That(message, Does.Contain("DefaultCollectors"));
    }

    [Test]
    public void Host_that_excludes_all_default_collectors_starts_without_repositories()
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
    public void Family_conflict_with_a_default_collector_is_an_error_that_names_both()
    {
        var message = GetProblem(
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
    public void Collector_with_the_name_of_a_default_collector_is_an_error() =>
        Assert.That(
            GetProblem(
                options => options.DefaultCollectors = DefaultCollectors.Processes,
                services =>
                {
                    services.AddScoped(_ => Mock.Of<IProcessRepository>());
                    services.AddOrchestratorMetrics().AddCollector(
                        FakeCollector.Counting("x"), options => options.Name = "ProcessCollector");
                }),
            Does.Contain("'ProcessCollector'"));

    [Test]
    public void Default_collectors_with_the_same_name_are_an_error()
    {
        var message = GetProblem(
            options => options.DefaultCollectors = DefaultCollectors.All,
            services =>
            {
                services.AddScoped(_ => Mock.Of<ISubscriptionRepository>());
                services.AddScoped(_ => Mock.Of<IProcessRepository>());
                services.AddScoped(_ => Mock.Of<IWorkflowEngineRepository>());
                services.AddOrchestratorMetrics().ConfigureDefaultCollectors(
                    DefaultCollectors.All, options => options.Name = "Orchestrator");
            });

        // The error names one conflict, although each of the three collectors conflicts with the other two.
        Assert.That(message, Does.StartWith("A collector named 'Orchestrator' is already registered."));
        Assert.That(message.Split("'Orchestrator'"), Has.Length.EqualTo(2));
    }

    [Test]
    public void Collector_may_have_the_name_of_an_excluded_default_collector()
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

    private static IEnumerable<TestCaseData> GetInvalidOptions()
    {
        yield return CreateCase("CollectorTimeout", options => options.CollectorTimeout = TimeSpan.Zero);
        yield return CreateCase("CollectorTimeout", options => options.CollectorTimeout = Timeout.InfiniteTimeSpan);
        yield return CreateCase("CollectorTimeout", options => options.CollectorTimeout = TimeSpan.FromDays(1.1));
        yield return CreateCase("FailurePolicy", options => options.FailurePolicy = (FailurePolicy)2);
        yield return CreateCase("MaxConcurrentCollectors", options => options.MaxConcurrentCollectors = 0);
        yield return CreateCase("MaxSamplesPerCollector", options => options.MaxSamplesPerCollector = 0);

        static TestCaseData CreateCase(string option, Action<OrchestratorMetricsOptions> configure) =>
            new(option, configure);
    }

    [TestCaseSource(nameof(GetInvalidOptions))]
    public void Invalid_option_is_a_startup_error(string option, Action<OrchestratorMetricsOptions> configure)
    {
        var message = GetProblem(options =>
        {
            options.DefaultCollectors = DefaultCollectors.None;
            configure(options);
        });

        Assert.That(message, Does.Contain($"OrchestratorMetricsOptions.{option} is").And.Contain("must be"));
    }

    [TestCaseSource(nameof(GetInvalidOptions))]
    public void Invalid_option_is_an_error_without_a_container(
        string option, Action<OrchestratorMetricsOptions> configure)
    {
        var options = new OrchestratorMetricsOptions();
        configure(options);

        var error = Assert.Throws<ArgumentException>(() => _ = new OrchestratorMetricsRegistry(options));

        Assert.That(error.Message, Does.Contain(option));
    }

    [Test]
    public void Options_may_equal_their_limits() =>
        Assert.That(
            () => new OrchestratorMetricsRegistry(new OrchestratorMetricsOptions
            {
                CollectorTimeout = TimeSpan.FromDays(1),
                MaxConcurrentCollectors = 1,
                MaxSamplesPerCollector = 1,
            }),
            Throws.Nothing);

    /// <summary>Returns the startup error. Resolving the registry without a host must throw the same error.</summary>
    private static string GetProblem(
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
