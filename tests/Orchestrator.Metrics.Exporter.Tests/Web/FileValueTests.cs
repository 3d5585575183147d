using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Exporter.Web;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Web;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class FileValueTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ListLogger _log = new();
    private readonly string _path;

    public FileValueTests() => _path = _folder.Write("a", "one");

    public void Dispose() => _folder.Dispose();

    [Test]
    public void Value_is_parsed_again_only_when_the_content_changes()
    {
        var value = CreateValue(_path);

        var first = value.Current;
        File.SetLastWriteTimeUtc(_path, DateTime.UnixEpoch);
        var touched = value.Current;
        File.WriteAllText(_path, "two");
        File.SetLastWriteTimeUtc(_path, DateTime.UnixEpoch);

        Assert.That(touched, Is.SameAs(first));
        Assert.That(value.Current, Is.EqualTo("two"));
        Assert.That(_log.Entries.Single().Message, Is.EqualTo($"{_path} changed. The new content is in use."));
    }

    [Test]
    public void Each_invalid_content_keeps_the_value_and_is_logged_once()
    {
        var value = CreateValue(_path);

        File.WriteAllText(_path, "bad");
        Assert.That(new[] { value.Current, value.Current }, Is.All.EqualTo("one"));
        File.Delete(_path);
        Assert.That(new[] { value.Current, value.Current }, Is.All.EqualTo("one"));
        File.WriteAllText(_path, "two");
        Assert.That(value.Current, Is.EqualTo("two"));

        Assert.That(_log.GetEntries(LogLevel.Error).Select(entry => entry.Message), Is.EqualTo(new[]
        {
            "The previous content of changed files stays in use. It is bad.",
            $"The previous content of changed files stays in use. The file '{_path}' does not exist.",
        }));
    }

    [Test]
    public void Replaced_link_of_a_Kubernetes_volume_is_detected()
    {
        foreach (var version in new[] { "1", "2" })
        {
            Directory.CreateDirectory(Path.Combine(_folder.Path, version));
            _folder.Write($"{version}/a", version);
        }

        var data = Path.Combine(_folder.Path, "data");
        Directory.CreateSymbolicLink(data, "1");
        File.Delete(_path);
        File.CreateSymbolicLink(_path, "data/a");
        var value = CreateValue(_path);
        Assert.That(value.Current, Is.EqualTo("1"));

        Directory.Delete(data);
        Directory.CreateSymbolicLink(data, "2");
        Assert.That(value.Current, Is.EqualTo("2"));
    }

    [Test]
    public void Endless_file_is_an_error() =>
        Assert.That(
            () => CreateValue("/dev/zero"),
            Throws.TypeOf<ConfigurationException>().With.Message.Contains("longer than"));

    [Test]
    public void Invalid_content_is_parsed_again_because_it_may_name_other_files()
    {
        var error = "";
        var value = new FileValue<string>(
            [_path], (texts, _) => error.Length > 0 ? throw new ConfigurationException([error]) : texts[0], _log);

        File.WriteAllText(_path, "two");
        foreach (var next in new[] { "It is bad.", "It is bad.", "It is worse." })
        {
            error = next;
            Assert.That(value.Current, Is.EqualTo("one"));
        }

        error = "";
        Assert.That(value.Current, Is.EqualTo("two"));
        Assert.That(_log.Entries.Select(entry => entry.Message), Is.EqualTo(new[]
        {
            "The previous content of changed files stays in use. It is bad.",
            "The previous content of changed files stays in use. It is worse.",
            $"{_path} changed. The new content is in use.",
        }));
    }

    [Test]
    public void Unexpected_exception_keeps_the_value_and_is_logged_without_its_text()
    {
        var value = new FileValue<string>(
            [_path], (texts, _) => texts[0] == "one" ? "one" : throw new NotSupportedException("S3cret"), _log);

        File.WriteAllText(_path, "two");

        Assert.That(value.Current, Is.EqualTo("one"));
        Assert.That(_log.Entries.Select(entry => entry.Message), Is.EqualTo(new[]
        {
            $"The previous content of changed files stays in use. {_path} cannot be used: NotSupportedException.",
        }));
    }

    [Test]
    public async Task Volume_that_does_not_respond_blocks_one_caller_only()
    {
        var value = CreateValue(_path);

        // Opening a named pipe blocks until another program opens it for writing.
        File.Delete(_path);
        (await Command.RunAsync("mkfifo", [_path])).RequireSuccess();
        var uses = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
            () => value.Current, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        await Waiting.UntilAsync(() => uses.Count(use => use.IsCompleted), count => count == uses.Length - 1);
        (await Command.RunAsync("sh", ["-c", "printf two > a"], folder: _folder.Path)).RequireSuccess();

        Assert.That(await Task.WhenAll(uses).Soon(), Is.EquivalentTo(new[] { "one", "one", "two" }));
        Assert.That(_log.Entries.Select(entry => entry.Message), Is.EqualTo(new[]
        {
            $"The previous content of changed files stays in use. {_path} cannot be read: the volume does not respond.",
            $"{_path} changed. The new content is in use.",
        }));
    }

    private FileValue<string> CreateValue(string path) => new(
        [path], (texts, _) => texts[0] == "bad" ? throw new ConfigurationException(["It is bad."]) : texts[0], _log);
}
