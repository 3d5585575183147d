using System.Globalization;

namespace Orchestrator.Metrics.Tests;

/// <summary>Fails if the process does not have the culture that build/test.sh requests.</summary>
public class RequestedCultureTests
{
    [Test]
    public void Current_culture_is_the_requested_one()
    {
        var requested = Environment.GetEnvironmentVariable("ORCHESTRATOR_METRICS_CULTURE");

        Assert.That(CultureInfo.CurrentCulture.Name, Is.EqualTo(requested ?? CultureInfo.CurrentCulture.Name));
        if (requested is "de-DE" or "tr-TR")
            Assert.That($"{0.5}", Is.EqualTo("0,5"));
    }
}
