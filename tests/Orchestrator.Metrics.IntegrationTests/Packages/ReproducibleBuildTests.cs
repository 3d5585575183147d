namespace Orchestrator.Metrics.Tests.Packages;

public class ReproducibleBuildTests
{
    [Test]
    public async Task Packages_of_a_commit_packed_in_two_folders_are_identical()
    {
        using var folder = new TemporaryFolder();
        var (clone, packages) = (Path.Combine(folder.Path, "other", "clone"), Path.Combine(folder.Path, "packages"));
        await PackedRepository.CloneAsync(clone);

        await PackedRepository.PackAsync(clone, packages);

        Assert.Multiple(() =>
        {
            foreach (var project in PackedRepository.Projects)
            {
                var (first, second) = (new Package(project), new Package(project, packages));
                Assert.That(second.Files, Is.EqualTo(first.Files));
                foreach (var file in first.Files)
                    Assert.That(
                        second.GetFile(file).AsSpan().SequenceEqual(first.GetFile(file)), Is.True,
                        $"{project}: {file}");
                Assert.That(second.Pdb.AsSpan().SequenceEqual(first.Pdb), Is.True, $"{project}: symbols");
            }
        });
    }
}
