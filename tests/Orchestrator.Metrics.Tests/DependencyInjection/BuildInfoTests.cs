using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

public class BuildInfoTests
{
    [Test]
    public async Task Build_info_has_the_runtime_and_the_version_and_revision_of_the_entry_assembly()
    {
        await using var host = new MetricsHost(builder => builder.AddBuildInfo("acme"));

        var snapshot = await host.ScrapeAsync();

        var build = BuildInfo.Read(Assembly.GetEntryAssembly()!);
        Assert.That(build.Version, Is.Not.Empty.And.Not.Contain("+"));
        var runtime = RuntimeInformation.FrameworkDescription;
        Assert.That(snapshot.ToText(), Is.EqualTo($$"""
            # HELP acme_build_info Version, revision and runtime of the application.
            # TYPE acme_build_info gauge
            acme_build_info{revision="{{build.Revision}}",runtime="{{runtime}}",version="{{build.Version}}"} 1.0

            """));
    }

    [TestCase("version", true)]
    [TestCase("revision", true)]
    [TestCase("runtime", true)]
    [TestCase("commit", false)]
    public void Labels_of_the_build_info_are_declared(string label, bool isDeclared)
    {
        using var provider = new ServiceCollection().AddOrchestratorMetrics().AddBuildInfo("acme").Services
            .PostConfigure<CollectorOptions>("acme_build_info", options => options.DropLabels = [label])
            .BuildServiceProvider();

        if (isDeclared)
            Assert.That(provider.GetRequiredService<OrchestratorMetricsRegistry>, Throws.Nothing);
        else
            Assert.That(
                provider.GetRequiredService<OrchestratorMetricsRegistry>,
                Throws.InstanceOf<OptionsValidationException>().With.Message.Contains("label 'commit'"));
    }

    [Test]
    public async Task Metric_name_starts_with_the_name_of_the_entry_assembly_by_default()
    {
        await using var host = new MetricsHost(builder => builder.AddBuildInfo());

        Assert.That((await host.ScrapeAsync()).GetNames(), Is.EqualTo(new[] { "testhost_build" }));
    }

    [TestCase("Acme.Orders", "acme_orders")]
    [TestCase("acme", "acme")]
    [TestCase("Acme - Orders (2)", "acme_orders_2")]
    [TestCase("3com", "_3com")]
    [TestCase("Zürich", "z_rich")]
    [TestCase("日本", "")]
    public void Name_of_an_assembly_becomes_a_metric_name(string assembly, string expected) =>
        Assert.That(BuildInfo.Read(DefineAssembly(assembly, "1.0")).Application, Is.EqualTo(expected));

    [TestCase("2.1.0+9f3c1e0", "2.1.0", "9f3c1e0")]
    [TestCase("2.1.0-rc.1", "2.1.0-rc.1", "")]
    [TestCase("2.1.0+build.7+9f3c1e0", "2.1.0", "build.7+9f3c1e0")]
    [TestCase("", "4.3.2.1", "")]
    [TestCase(null, "4.3.2.1", "")]
    public void Informational_version_is_split_at_the_first_plus(string? informational, string version, string revision)
    {
        var build = BuildInfo.Read(DefineAssembly("Acme", informational));

        Assert.That((build.Version, build.Revision), Is.EqualTo((version, revision)));
    }

    [TestCase("9acme")]
    [TestCase("acme orders")]
    public void Invalid_application_name_is_rejected_at_once(string application) => Assert.That(
        () => new ServiceCollection().AddOrchestratorMetrics().AddBuildInfo(application),
        Throws.ArgumentException.With.Message.Contains($"{application}_build"));

    [Test]
    public void Empty_application_name_is_rejected_with_the_remedy() => Assert.That(
        () => new ServiceCollection().AddOrchestratorMetrics().AddBuildInfo(""),
        Throws.ArgumentException.With.Message.Contains("AddBuildInfo(\"acme\") adds acme_build_info"));

    [Test]
    public void Adding_the_same_build_info_twice_is_an_error() => Assert.That(
        () => new ServiceCollection().AddOrchestratorMetrics().AddBuildInfo("acme").AddBuildInfo("acme"),
        Throws.InvalidOperationException.With.Message.StartsWith(
            "A collector named 'acme_build_info' is already registered."));

    [Test]
    public void Collector_that_declares_the_same_family_is_a_startup_error()
    {
        using var provider = new ServiceCollection().AddOrchestratorMetrics().AddBuildInfo("acme").AddCollector(
            FakeCollector.Counting("acme_build"), options => options.FamilyNames = ["acme_build"])
            .Services.BuildServiceProvider();

        Assert.That(
            provider.GetRequiredService<OrchestratorMetricsRegistry>,
            Throws.InstanceOf<OptionsValidationException>()
                .With.Message.Contains("both declare metric family 'acme_build'"));
    }

    private static AssemblyBuilder DefineAssembly(string name, string? informational)
    {
        var attributes = informational is null ? [] : new[]
        {
            new CustomAttributeBuilder(
                typeof(AssemblyInformationalVersionAttribute).GetConstructor([typeof(string)])!, [informational]),
        };
        return AssemblyBuilder.DefineDynamicAssembly(
            new AssemblyName(name) { Version = new Version(4, 3, 2, 1) }, AssemblyBuilderAccess.RunAndCollect,
            attributes);
    }
}
