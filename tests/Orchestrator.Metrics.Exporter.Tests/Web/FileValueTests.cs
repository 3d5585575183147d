using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Exporter.Web;
using Orchestrator.Metrics.Exporter.Yaml;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Web;

internal sealed class FileValueTests
{
    [Test]
    public void Value_is_parsed_again_only_when_the_content_changes()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "a");
        File.WriteAllText(path, "one");
        var log = new ListLogger();
        var value = Value(path, log);

        var first = value.Current;
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        var touched = value.Current;
        File.WriteAllText(path, "two");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);

        Assert.That(touched, Is.SameAs(first));
        Assert.That(value.Current, Is.EqualTo("two"));
        Assert.That(log.Entries.Select(entry => entry.Message), Is.EqualTo(new[] { $"{path} changed and is used from now on." }));
    }

    [Test]
    public void Invalid_content_keeps_the_value_with_one_error_each()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "a");
        File.WriteAllText(path, "one");
        var log = new ListLogger();
        var value = Value(path, log);

        File.WriteAllText(path, "bad");
        Assert.That(new[] { value.Current, value.Current }, Is.All.EqualTo("one"));
        File.Delete(path);
        Assert.That(new[] { value.Current, value.Current }, Is.All.EqualTo("one"));
        File.WriteAllText(path, "two");
        Assert.That(value.Current, Is.EqualTo("two"));

        Assert.That(log.Of(LogLevel.Error).Select(entry => entry.Message), Is.EqualTo(new[]
        {
            "The previous content of changed files stays in use. It is bad.",
            "The previous content of changed files stays in use. " +
            $"The file '{path}' cannot be read. Could not find file '{path}'.",
        }));
    }

    [Test]
    public void Replaced_link_of_a_Kubernetes_volume_is_noticed()
    {
        using var folder = new TemporaryFolder();
        foreach (var version in new[] { "1", "2" })
        {
            Directory.CreateDirectory(Path.Combine(folder.Path, version));
            File.WriteAllText(Path.Combine(folder.Path, version, "a"), version);
        }

        var data = Path.Combine(folder.Path, "data");
        Directory.CreateSymbolicLink(data, "1");
        File.CreateSymbolicLink(Path.Combine(folder.Path, "a"), "data/a");
        var value = Value(Path.Combine(folder.Path, "a"), new ListLogger());
        Assert.That(value.Current, Is.EqualTo("1"));

        Directory.Delete(data);
        Directory.CreateSymbolicLink(data, "2");
        Assert.That(value.Current, Is.EqualTo("2"));
    }

    [Test]
    public void Endless_file_is_an_error() =>
        Assert.That(
            () => Value("/dev/zero", new ListLogger()),
            Throws.TypeOf<ConfigurationException>().With.Message.Contains("longer than"));

    private static FileValue<string> Value(string path, ListLogger log) => new(
        [path], texts => texts[0] == "bad" ? throw new ConfigurationException(["It is bad."]) : texts[0], log);
}
