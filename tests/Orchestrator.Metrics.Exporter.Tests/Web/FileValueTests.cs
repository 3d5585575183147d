using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Exporter.Web;
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
        var value = CreateValue(path, log);

        var first = value.Current;
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        var touched = value.Current;
        File.WriteAllText(path, "two");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);

        Assert.That(touched, Is.SameAs(first));
        Assert.That(value.Current, Is.EqualTo("two"));
        Assert.That(log.Entries.Select(entry => entry.Message), Is.EqualTo(new[] { $"{path} changed. The new content is in use." }));
    }

    [Test]
    public void Each_invalid_content_keeps_the_value_and_is_logged_once()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "a");
        File.WriteAllText(path, "one");
        var log = new ListLogger();
        var value = CreateValue(path, log);

        File.WriteAllText(path, "bad");
        Assert.That(new[] { value.Current, value.Current }, Is.All.EqualTo("one"));
        File.Delete(path);
        Assert.That(new[] { value.Current, value.Current }, Is.All.EqualTo("one"));
        File.WriteAllText(path, "two");
        Assert.That(value.Current, Is.EqualTo("two"));

        Assert.That(log.GetEntries(LogLevel.Error).Select(entry => entry.Message), Is.EqualTo(new[]
        {
            "The previous content of changed files stays in use. It is bad.",
            "The previous content of changed files stays in use. " +
            $"The file '{path}' does not exist.",
        }));
    }

    [Test]
    public void Replaced_link_of_a_Kubernetes_volume_is_detected()
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
        var value = CreateValue(Path.Combine(folder.Path, "a"), new ListLogger());
        Assert.That(value.Current, Is.EqualTo("1"));

        Directory.Delete(data);
        Directory.CreateSymbolicLink(data, "2");
        Assert.That(value.Current, Is.EqualTo("2"));
    }

    [Test]
    public void Endless_file_is_an_error() =>
        Assert.That(
            () => CreateValue("/dev/zero", new ListLogger()),
            Throws.TypeOf<ConfigurationException>().With.Message.Contains("longer than"));

    [Test]
    public void Invalid_content_is_parsed_again_because_it_may_name_other_files()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "a");
        File.WriteAllText(path, "one");
        var log = new ListLogger();
        var error = "";
        var value = new FileValue<string>(
            [path], (texts, _) => error.Length > 0 ? throw new ConfigurationException([error]) : texts[0], log);

        File.WriteAllText(path, "two");
        foreach (var next in new[] { "It is bad.", "It is bad.", "It is worse." })
        {
            error = next;
            Assert.That(value.Current, Is.EqualTo("one"));
        }

        error = "";
        Assert.That(value.Current, Is.EqualTo("two"));
        Assert.That(log.Entries.Select(entry => entry.Message), Is.EqualTo(new[]
        {
            "The previous content of changed files stays in use. It is bad.",
            "The previous content of changed files stays in use. It is worse.",
            $"{path} changed. The new content is in use.",
        }));
    }

    [Test]
    public void Unexpected_exception_keeps_the_value_and_is_logged_without_its_text()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "a");
        File.WriteAllText(path, "one");
        var log = new ListLogger();
        var value = new FileValue<string>(
            [path], (texts, _) => texts[0] == "one" ? "one" : throw new NotSupportedException("S3cret"), log);

        File.WriteAllText(path, "two");

        Assert.That(value.Current, Is.EqualTo("one"));
        Assert.That(log.Entries.Select(entry => entry.Message), Is.EqualTo(new[]
        {
            $"The previous content of changed files stays in use. {path} cannot be used: NotSupportedException.",
        }));
    }

    [Test]
    public async Task Volume_that_does_not_respond_blocks_one_caller_only()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "a");
        File.WriteAllText(path, "one");
        var log = new ListLogger();
        var value = CreateValue(path, log);

        // Opening a named pipe blocks until another program opens it for writing.
        File.Delete(path);
        (await Command.RunAsync("mkfifo", [path])).RequireSuccess();
        var uses = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
            () => value.Current, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        await Waiting.UntilAsync(() => uses.Count(use => use.IsCompleted), count => count == uses.Length - 1);
        (await Command.RunAsync("sh", ["-c", "printf two > a"], folder: folder.Path)).RequireSuccess();

        Assert.That(await Task.WhenAll(uses).Soon(), Is.EquivalentTo(new[] { "one", "one", "two" }));
        Assert.That(log.Entries.Select(entry => entry.Message), Is.EqualTo(new[]
        {
            $"The previous content of changed files stays in use. {path} cannot be read: the volume does not respond.",
            $"{path} changed. The new content is in use.",
        }));
    }

    private static FileValue<string> CreateValue(string path, ListLogger log) => new(
        [path], (texts, _) => texts[0] == "bad" ? throw new ConfigurationException(["It is bad."]) : texts[0], log);
}
