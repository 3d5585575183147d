using static Orchestrator.Metrics.Tests.Relabeling.RelabeledExposition;

namespace Orchestrator.Metrics.Tests.Relabeling;

public class LabelConflictTests
{
    [Test]
    public async Task Added_label_that_a_family_already_has_fails_the_run()
    {
        const string Remedy = "Rename it in AddLabels, or drop the existing label with DropLabels.";
        var gauge = MetricFamily.Gauge("acme_jobs", "Jobs.", "site");
        gauge.Add(1, "a");

        Assert.That(
            await GetErrorAsync(
                options => options.AddLabels = new Dictionary<string, string> { ["site"] = "b" }, gauge),
            Is.EqualTo("Label 'site' of metric family 'acme_jobs' with the added labels occurs twice. " + Remedy));
        var info = MetricFamily.Info("acme_build", "Build.");
        info.Add(MetricPoint.Info([new("site", "a")]));
        Assert.That(
            await GetErrorAsync(
                options => options.AddLabels = new Dictionary<string, string> { ["site"] = "b" }, info),
            Is.EqualTo("Label 'site' of metric family 'acme_build' with the added labels occurs twice. " + Remedy));
        Assert.That(
            await GetExpositionAsync(
                options =>
                {
                    options.AddLabels = new Dictionary<string, string> { ["site"] = "b" };
                    options.DropLabels = ["site"];
                },
                gauge),
            Does.Contain("acme_jobs{site=\"b\"} 1.0"));
    }

    [Test]
    public async Task Labels_of_different_samples_may_be_equal_after_escaping()
    {
        var families = MetricsSnapshot.Parse("{\"x\",\"a.b\"=\"1\"} 1\n{\"x\",a_b=\"2\"} 1\n").Families.ToArray();
        void Add(CollectorOptions options, string label) =>
            options.AddLabels = new Dictionary<string, string> { [label] = "c" };

        Assert.That(
            await GetExpositionAsync(options => options.NamePrefix = "p_", families),
            Does.EndWith("\np_x{a_b=\"1\"} 1.0\np_x{a_b=\"2\"} 1.0\n# EOF\n"));
        Assert.That(
            await GetExpositionAsync(options => Add(options, "site"), families),
            Does.Contain("\nx{a_b=\"2\",site=\"c\"} 1.0\n"));
        Assert.That(
            await GetErrorAsync(options => Add(options, "a_b"), families),
            Does.StartWith("Labels 'a.b' and 'a_b' and"));
    }

    [Test]
    public async Task Prefix_that_gives_the_state_label_the_name_of_another_label_fails_the_run()
    {
        var states = MetricFamily.StateSet("state", "State.", "zone_state");
        states.Add(MetricPoint.StateSet([new("on", true)]), "a");

        Assert.That(
            await GetErrorAsync(options => options.NamePrefix = "zone_", states),
            Does.StartWith("Label 'zone_state' of metric family 'state'"));
    }
}
