using Orchestrator.Metrics.Exporter.Web;

namespace Orchestrator.Metrics.Exporter.Tests.Web;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BasicAuthUsersTests
{
    private readonly List<(string Password, string Hash)> _calls = [];

    [Test]
    public void Unknown_user_costs_one_bcrypt_hash_like_a_known_user()
    {
        var users = CreateUsers();

        Assert.That(users.Verify("alice", "wrong"), Is.False);
        Assert.That(users.Verify("mallory", "right-a"), Is.False);
        Assert.That(users.Verify("mallory", "right-b"), Is.False);

        Assert.That(_calls, Has.Count.EqualTo(3));
        Assert.That(_calls[0].Hash, Is.EqualTo("hash of right-a"));
        Assert.That(_calls[1].Hash, Is.EqualTo(_calls[2].Hash).And.AnyOf("hash of right-a", "hash of right-b", "hash of right-c"));
    }

    [Test]
    public void Right_password_is_checked_once()
    {
        var users = CreateUsers();

        Assert.That(users.IsVerified("alice", "right-a"), Is.False);
        Assert.That(users.Verify("alice", "right-a"), Is.True);
        Assert.That(users.IsVerified("alice", "right-a"), Is.True);
        Assert.That(users.Verify("alice", "right-a"), Is.True);
        Assert.That(users.IsVerified("bob", "right-a"), Is.False);

        Assert.That(_calls, Has.Count.EqualTo(1));
    }

    [Test]
    public void Wrong_password_is_not_cached()
    {
        var users = CreateUsers();
        users.Verify("alice", "right-a");

        for (var i = 0; i < 3; i++)
            Assert.That(users.Verify("alice", "wrong"), Is.False);

        Assert.That(_calls, Has.Count.EqualTo(4));
        Assert.That(users.IsVerified("alice", "right-a"), Is.True);
    }

    [Test]
    public void Right_password_is_checked_again_only_if_the_hash_of_the_user_has_changed()
    {
        var old = CreateUsers();
        foreach (var (user, password) in new[] { ("alice", "right-a"), ("bob", "right-b"), ("carol", "right-c") })
            Assert.That(old.Verify(user, password), Is.True);

        var users = CreateUsers(old, bob: "hash of new-b", carol: null);

        Assert.That(users.IsVerified("alice", "right-a"), Is.True);
        Assert.That(users.IsVerified("alice", "wrong"), Is.False);
        Assert.That(users.Verify("bob", "right-b"), Is.False);
        Assert.That(users.Verify("bob", "new-b"), Is.True);
        Assert.That(users.Verify("carol", "right-c"), Is.False);
    }

    private BasicAuthUsers CreateUsers(
        BasicAuthUsers? previous = null, string? bob = "hash of right-b", string? carol = "hash of right-c") => new(
        new Dictionary<string, string?> { ["alice"] = "hash of right-a", ["bob"] = bob, ["carol"] = carol }
            .Where(user => user.Value is not null).ToDictionary(user => user.Key, user => user.Value!),
        (password, hash) =>
        {
            _calls.Add((password, hash));
            return hash == "hash of " + password;
        },
        previous);
}
