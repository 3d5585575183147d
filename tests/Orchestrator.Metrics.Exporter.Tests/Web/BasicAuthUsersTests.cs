using Orchestrator.Metrics.Exporter.Web;

namespace Orchestrator.Metrics.Exporter.Tests.Web;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BasicAuthUsersTests
{
    private readonly List<(string Password, string Hash)> _calls = [];

    [Test]
    public void Unknown_user_costs_one_bcrypt_as_a_known_one_does()
    {
        var users = Users();

        Assert.That(users.Verify("alice", "wrong"), Is.False);
        Assert.That(users.Verify("mallory", "right-a"), Is.False);
        Assert.That(users.Verify("mallory", "right-b"), Is.False);

        Assert.That(_calls, Has.Count.EqualTo(3));
        Assert.That(_calls[0].Hash, Is.EqualTo("hash of right-a"));
        Assert.That(_calls[1].Hash, Is.EqualTo(_calls[2].Hash).And.AnyOf("hash of right-a", "hash of right-b"));
    }

    [Test]
    public void Right_password_is_checked_once()
    {
        var users = Users();

        Assert.That(users.IsVerified("alice", "right-a"), Is.False);
        Assert.That(users.Verify("alice", "right-a"), Is.True);
        Assert.That(users.IsVerified("alice", "right-a"), Is.True);
        Assert.That(users.Verify("alice", "right-a"), Is.True);
        Assert.That(users.IsVerified("bob", "right-a"), Is.False);

        Assert.That(_calls, Has.Count.EqualTo(1));
    }

    [Test]
    public void Wrong_password_is_not_kept()
    {
        var users = Users();
        users.Verify("alice", "right-a");

        for (var i = 0; i < 3; i++)
            Assert.That(users.Verify("alice", "wrong"), Is.False);

        Assert.That(_calls, Has.Count.EqualTo(4));
        Assert.That(users.IsVerified("alice", "right-a"), Is.True);
    }

    private BasicAuthUsers Users() => new(
        new Dictionary<string, string> { ["alice"] = "hash of right-a", ["bob"] = "hash of right-b" },
        (password, hash) =>
        {
            _calls.Add((password, hash));
            return hash == "hash of " + password;
        });
}
