using System.Net;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Web;

/// <summary>Client certificates: the values of client_auth_type, allowed names, and changes of the file.</summary>
internal sealed class ClientCertificateTests
{
    private const string Verified = "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n";

    private readonly TemporaryFolder _folder = new();
    private readonly TestCertificate _root = TestCertificate.CreateRoot();
    private readonly TestCertificate _otherRoot = TestCertificate.CreateRoot("other");
    private readonly Dictionary<string, TestCertificate> _clients = [];
    private string _config = null!;

    [OneTimeSetUp]
    public void WriteFiles()
    {
        _config = Path.Combine(_folder.Path, "web.yml");
        using var server = _root.IssueServer();
        server.Write(_folder.Path);
        _root.Write(_folder.Path, "ca");
        _otherRoot.Write(_folder.Path, "other");
        _clients["trusted"] = _root.IssueClient();
        _clients["untrusted"] = _otherRoot.IssueClient();
        _clients["expired"] = _root.IssueClient(DateTimeOffset.UtcNow.AddDays(-1));
        _clients["server"] = _root.IssueServer();
        _clients["DNS"] = _root.IssueClient(names: names => names.AddDnsName("prometheus.example.org"));
        _clients["email"] = _root.IssueClient(names: names => names.AddEmailAddress("a@example.org"));
        _clients["IP"] = _root.IssueClient(names: names => names.AddIpAddress(IPAddress.Parse("2001:db8::1")));
        _clients["URI"] = _root.IssueClient(names: names => names.AddUri(new Uri("spiffe://example.org/a")));
        _clients["UPN"] = _root.IssueClient(names: names => names.AddUserPrincipalName("a@example.org"));
        _clients["untrusted DNS"] = _otherRoot.IssueClient(names: names => names.AddDnsName("prometheus.example.org"));
    }

    [OneTimeTearDown]
    public void Dispose()
    {
        foreach (var certificate in _clients.Values)
            certificate.Dispose();
        _root.Dispose();
        _otherRoot.Dispose();
        _folder.Dispose();
    }

    [TestCase("NoClientCert", false, "none", "trusted", "untrusted", "expired", "server")]
    [TestCase("RequestClientCert", false, "none", "trusted", "untrusted", "expired", "server")]
    [TestCase("RequireAnyClientCert", false, "trusted", "untrusted", "expired", "server")]
    [TestCase("RequireClientCert", false, "trusted", "untrusted", "expired", "server")]
    [TestCase("VerifyClientCertIfGiven", true, "none", "trusted")]
    [TestCase("RequireAndVerifyClientCert", true, "trusted")]
    public async Task Client_auth_type_accepts_the_expected_clients(string type, bool hasCa, params string[] accepted)
    {
        var ca = hasCa ? "  client_ca_file: ca.crt\n" : "";
        Assert.That(
            await FindAcceptedAsync(
                $"  client_auth_type: {type}\n{ca}", "none", "trusted", "untrusted", "expired", "server"),
            Is.EqualTo(accepted));
    }

    [TestCase("prometheus.example.org", "DNS")]
    [TestCase("a@example.org", "email")]
    [TestCase("2001:db8::1", "IP")]
    [TestCase("spiffe://example.org/a", "URI")]
    public async Task Certificate_must_have_an_allowed_name(string name, string accepted) => Assert.That(
        await FindAcceptedAsync(
            $"{Verified}  client_allowed_sans: [other.example.org, '{name}']\n",
            "none", "trusted", "DNS", "email", "IP", "URI", "UPN", "untrusted DNS"),
        Is.EqualTo(new[] { accepted }));

    [Test]
    public async Task Allowed_names_apply_to_unverified_certificates_too() => Assert.That(
        await FindAcceptedAsync(
            "  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: [prometheus.example.org]\n",
            "none", "trusted", "DNS", "untrusted DNS"),
        Is.EqualTo(new[] { "DNS", "untrusted DNS" }));

    [Test]
    public async Task Replaced_client_CA_applies_to_new_connections()
    {
        var ca = Path.Combine(_folder.Path, "replaced.crt");
        File.Copy(Path.Combine(_folder.Path, "ca.crt"), ca);
        await WriteAsync("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: replaced.crt\n");
        await using var server = await AccessServer.StartAsync(_config);

        Assert.That(await FindAcceptedAsync(server, "trusted", "untrusted"), Is.EqualTo(new[] { "trusted" }));
        File.Copy(Path.Combine(_folder.Path, "other.crt"), ca, overwrite: true);
        Assert.That(await FindAcceptedAsync(server, "trusted", "untrusted"), Is.EqualTo(new[] { "untrusted" }));
    }

    [Test]
    public async Task Verification_of_clients_cannot_be_removed_without_a_restart()
    {
        await WriteAsync(Verified);
        await using var server = await AccessServer.StartAsync(_config);

        await WriteAsync("  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca.crt\n");
        Assert.That(await FindAcceptedAsync(server, "none", "trusted"), Is.EqualTo(new[] { "trusted" }));
        await WriteAsync($"basic_auth_users: {{alice: {BCrypt.Net.BCrypt.HashPassword("right", 4)}}}");
        Assert.That(await FindAcceptedAsync(server, "none", "trusted"), Is.EqualTo(new[] { "trusted" }));
    }

    [Test]
    public async Task Allowed_names_cannot_be_removed_without_a_restart_even_by_a_truncated_file()
    {
        await WriteAsync(Verified + "  client_allowed_sans: [prometheus.example.org]\n");
        await using var server = await AccessServer.StartAsync(_config);

        foreach (var truncated in new[] { Verified, Verified + "  client_allowed_sans:" })
        {
            await WriteAsync(truncated);
            Assert.That(await FindAcceptedAsync(server, "trusted", "DNS"), Is.EqualTo(new[] { "DNS" }));
        }

        await WriteAsync(Verified + "  client_allowed_sans: [a@example.org]\n");
        Assert.That(await FindAcceptedAsync(server, "trusted", "DNS", "email"), Is.EqualTo(new[] { "email" }));
    }

    [Test]
    public async Task Password_is_needed_in_addition_to_a_certificate()
    {
        await WriteAsync(Verified + $"basic_auth_users: {{alice: {BCrypt.Net.BCrypt.HashPassword("right", 4)}}}");
        await using var server = await AccessServer.StartAsync(_config);
        var client = _clients["trusted"].Certificate;
        await AssertNeedsPasswordAsync();

        // A file that is read while it is written may be truncated.
        await WriteAsync(Verified);
        await AssertNeedsPasswordAsync();

        async Task AssertNeedsPasswordAsync()
        {
            using var without = await server.GetAsync(handler: _root.CreateHandler(client));
            using var with = await server.GetAsync(
                AccessServer.CreateBasic("alice", "right"), handler: _root.CreateHandler(client));
            Assert.That(
                (without.StatusCode, with.StatusCode), Is.EqualTo((HttpStatusCode.Unauthorized, HttpStatusCode.OK)));
        }
    }

    private Task WriteAsync(string section) => File.WriteAllTextAsync(
        _config, "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n" + section);

    private async Task<string[]> FindAcceptedAsync(string section, params string[] clients)
    {
        await WriteAsync(section);
        await using var server = await AccessServer.StartAsync(_config);
        return await FindAcceptedAsync(server, clients);
    }

    private async Task<string[]> FindAcceptedAsync(AccessServer server, params string[] clients)
    {
        var accepted = new List<string>();
        foreach (var name in clients)
        {
            try
            {
                using var response = await server.GetAsync(
                    handler: _root.CreateHandler(_clients.GetValueOrDefault(name)?.Certificate));
                accepted.Add(name);
            }
            catch (HttpRequestException)
            {
                // The server aborted the handshake.
            }
        }

        return [.. accepted];
    }
}
