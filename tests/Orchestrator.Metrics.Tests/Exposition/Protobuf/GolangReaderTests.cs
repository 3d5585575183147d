namespace Orchestrator.Metrics.Tests.Exposition.Protobuf;

public class GolangReaderTests
{
    private const string GoPath = "/usr/share/gocode";

    [Test]
    public async Task Client_golang_reads_the_samples_of_the_text_format()
    {
        var go = Requirements.FindProgram("go", "golang-go");
        if (!Directory.Exists($"{GoPath}/src/github.com/prometheus/common/expfmt"))
            Requirements.Skip("client_golang is missing (Debian package golang-github-prometheus-client-golang-dev).");

        // client_golang names the count and the sum of a gauge histogram differently, and reads a histogram without a
        // sum as a histogram with the sum 0.
        MetricFamily[] families =
        [
            .. AllTypes.CreateSnapshot().Families.Where(
                family => family.Type != MetricType.GaugeHistogram && family.Name != "acme_delta"),
        ];
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "exposition");
        await File.WriteAllBytesAsync(file, ProtobufFamily.Write(ExpositionFormat.Protobuf, families));
        var program = Path.Combine(
            TestFiles.Root, "tests", "Orchestrator.Metrics.Tests", "Exposition", "Protobuf", "read_protobuf.go");
        var read = await Command.RunAsync(
            go, ["run", program, file], environment: [("GOPATH", GoPath), ("GO111MODULE", "off")]);
        read.RequireSuccess();

        Assert.That(
            GetSamples(read.Output),
            Is.EqualTo(GetSamples(ExpositionText.Of(ExpositionFormat.PrometheusText, families))));
    }

    private static IEnumerable<string> GetSamples(string text) => MetricsSnapshot.Parse(text).Families
        .SelectMany(family => family.Samples.Select(ReadSample.Create))
        .Where(sample => !sample.Name.EndsWith("_created", StringComparison.Ordinal))
        .Select(sample => (sample with { Labels = Array.ConvertAll(sample.Labels, Normalize) }).ToString())
        .Order(StringComparer.Ordinal);

    // Go writes the bound 1 as "1", whereas the library writes "1.0".
    private static KeyValuePair<string, string> Normalize(KeyValuePair<string, string> label) =>
        label.Key is "le" or "quantile"
            ? new(label.Key, NumberFormat.FormatGo(NumberFormat.ParseLabel(label.Value)))
            : label;
}
