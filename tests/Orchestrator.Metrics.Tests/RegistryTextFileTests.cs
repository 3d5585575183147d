namespace Orchestrator.Metrics.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RegistryTextFileTests : IDisposable
{
    private const string Old = "# previous content\n";

    private readonly TemporaryFolder _folder = new();

    private string FilePath => Path.Combine(_folder.Path, "orchestrator.prom");

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task Text_file_is_created_and_replaced()
    {
        var registry = new OrchestratorMetricsRegistry();
        var value = 0.0;
        registry.Register(CreateCollector(() => ++value));

        await registry.WriteTextFileAsync(FilePath);
        var first = await File.ReadAllTextAsync(FilePath);
        await registry.WriteTextFileAsync(FilePath);

        Assert.That(first, Is.EqualTo("# HELP acme For tests.\n# TYPE acme gauge\nacme 1.0\n"));
        Assert.That(await File.ReadAllTextAsync(FilePath), Does.EndWith("acme 2.0\n"));
        Assert.That(_folder.FindFiles("*"), Is.EqualTo(new[] { FilePath }));
    }

    [Test]
    public async Task Reader_never_sees_a_partial_text_file()
    {
        var registry = new OrchestratorMetricsRegistry();
        var family = MetricFamily.Gauge("acme", "", "number");
        for (var i = 0; i < 20_000; i++)
            family.Add(1, $"{i}");
        registry.Register(FakeCollector.Returning(family));
        await registry.WriteTextFileAsync(FilePath);
        var whole = await File.ReadAllTextAsync(FilePath);

        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
                await registry.WriteTextFileAsync(FilePath);
        });
        do
        {
            Assert.That(await File.ReadAllTextAsync(FilePath), Is.EqualTo(whole));
        }
        while (!writing.IsCompleted);
        await writing;
    }

    [Test]
    public async Task Failed_collection_leaves_only_the_old_text_file()
    {
        await File.WriteAllTextAsync(FilePath, Old);
        var registry = new OrchestratorMetricsRegistry();
        registry.Register(CreateCollector(() => throw new InvalidOperationException()));

        Assert.That(
            async () => await registry.WriteTextFileAsync(FilePath), Throws.InstanceOf<MetricsCollectionException>());
        await AssertOldFileAloneAsync();
    }

    [Test]
    public async Task Cancellation_while_writing_leaves_only_the_old_text_file()
    {
        await File.WriteAllTextAsync(FilePath, Old);
        using var caller = new CancellationTokenSource();

        Assert.That(
            async () => await TextFile.ReplaceAsync(
                FilePath,
                async (stream, token) =>
                {
                    await stream.WriteAsync(new byte[100_000], CancellationToken.None);
                    await caller.CancelAsync();
                    token.ThrowIfCancellationRequested();
                },
                caller.Token),
            Throws.InstanceOf<OperationCanceledException>());
        await AssertOldFileAloneAsync();
    }

    [Test]
    public async Task Partial_text_is_never_in_a_file_that_node_exporter_reads()
    {
        await TextFile.ReplaceAsync(
            FilePath,
            (_, _) =>
            {
                Assert.That(_folder.FindFiles("*"), Has.Length.EqualTo(1));
                Assert.That(_folder.FindFiles("*.prom"), Is.Empty);
                return Task.CompletedTask;
            },
            CancellationToken.None);

        Assert.That(_folder.FindFiles("*.prom"), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Failed_write_names_the_text_file_and_not_the_temporary_one()
    {
        await File.WriteAllTextAsync(FilePath, Old);

        Assert.That(
            FailToWrite(temporary => new IOException($"No space left on device : '{temporary}'", 28)),
            Throws.TypeOf<IOException>().With.Message.EqualTo($"No space left on device : '{FilePath}'")
                .And.Property(nameof(Exception.HResult)).EqualTo(28));
        Assert.That(
            FailToWrite(temporary => new UnauthorizedAccessException($"Access to the path '{temporary}' is denied.")),
            Throws.TypeOf<IOException>().With.Message.EqualTo(
                $"Access to the text file '{FilePath}' or its folder is denied. Grant the process write access to both."));
        await AssertOldFileAloneAsync();

        Func<Task> FailToWrite(Func<string, Exception> create) => () => TextFile.ReplaceAsync(
            FilePath, (stream, _) => throw create(((FileStream)stream).Name), CancellationToken.None);
    }

    [Test]
    public void Missing_folder_of_the_text_file_is_an_error_that_names_the_path() =>
        Assert.That(
            async () => await new OrchestratorMetricsRegistry()
                .WriteTextFileAsync(Path.Combine(_folder.Path, "no", "x.prom")),
            Throws.InstanceOf<DirectoryNotFoundException>().With.Message.Contains(
                Path.Combine(_folder.Path, "no", "x.prom")));

    private async Task AssertOldFileAloneAsync()
    {
        Assert.That(await File.ReadAllTextAsync(FilePath), Is.EqualTo(Old));
        Assert.That(_folder.FindFiles("*"), Is.EqualTo(new[] { FilePath }));
    }

    private static FakeCollector CreateCollector(Func<double> getValue) => new(_ =>
    {
        var family = MetricFamily.Gauge("acme", "For tests.");
        family.Add(getValue());
        return Task.FromResult<IReadOnlyList<MetricFamily>>([family]);
    });
}
