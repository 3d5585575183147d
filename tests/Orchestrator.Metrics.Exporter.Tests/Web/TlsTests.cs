using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Web;

/// <summary>TLS of a Kestrel server. Clients trust only the root of the test, or do not verify certificates.</summary>
internal sealed class TlsTests
{
    private const string Files = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

    private readonly TestCertificate _root = TestCertificate.CreateRoot();
    private TemporaryFolder _folder = null!;
    private string _config = null!;

    [SetUp]
    public void WriteFiles()
    {
        _folder = new TemporaryFolder();
        _config = _folder.Write("web.yml", Files);
        using var server = _root.IssueServer();
        server.Write(_folder.Path);
        _root.Write(_folder.Path, "ca");
    }

    [TearDown]
    public void DeleteFiles() => _folder.Dispose();

    [OneTimeTearDown]
    public void DisposeRoot() => _root.Dispose();

    [Test]
    public async Task Intermediate_certificates_of_the_file_are_sent()
    {
        using var intermediate = _root.IssueIntermediate();
        using var certificate = intermediate.IssueServer();
        certificate.Write(_folder.Path);
        await File.AppendAllTextAsync(Path.Combine(_folder.Path, "server.crt"), intermediate.CertificatePem);
        await using var server = await AccessServer.StartAsync(_config);

        Assert.That(await GetProtocolAsync(server), Is.EqualTo("HTTP/1.1"));
    }

    [Test]
    public async Task HTTP_2_is_on_by_default_and_can_be_turned_off()
    {
        await using var server = await AccessServer.StartAsync(_config);

        Assert.That(await GetProtocolAsync(server, HttpVersion.Version20), Is.EqualTo("HTTP/2"));
        await File.WriteAllTextAsync(_config, Files + "http_server_config: {http2: false}\n");
        Assert.That(await GetProtocolAsync(server, HttpVersion.Version20), Is.EqualTo("HTTP/1.1"));
    }

    [Test]
    public async Task Versions_and_cipher_suites_are_those_of_the_file()
    {
        await using var server = await AccessServer.StartAsync(_config);
        Assert.That((await ConnectAsync(server, SslProtocols.Tls12)).Protocol, Is.EqualTo(SslProtocols.Tls12));
        Assert.That((await ConnectAsync(server, SslProtocols.None)).Protocol, Is.EqualTo(SslProtocols.Tls13));

        await File.WriteAllTextAsync(_config, Files + "  min_version: TLS13\n");
        Assert.That(
            () => ConnectAsync(server, SslProtocols.Tls12),
            Throws.InstanceOf<AuthenticationException>().Or.InstanceOf<IOException>());

        const string Suite = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
        await File.WriteAllTextAsync(_config, Files + $"  cipher_suites: [{Suite}]\n");
        Assert.That((await ConnectAsync(server, SslProtocols.Tls12)).Suite.ToString(), Is.EqualTo(Suite));
        Assert.That((await ConnectAsync(server, SslProtocols.None)).Protocol, Is.EqualTo(SslProtocols.Tls13));
    }

    [Test]
    public async Task Replaced_certificate_is_served_to_new_connections()
    {
        using var next = _root.IssueServer("next");
        await using var server = await AccessServer.StartAsync(_config);
        Assert.That((await ConnectAsync(server)).Subject, Is.EqualTo("CN=server"));

        // Replaces the certificate first. Until the key follows, the pair does not match.
        _folder.Write("server.crt", next.CertificatePem);
        Assert.That((await ConnectAsync(server)).Subject, Is.EqualTo("CN=server"));
        Assert.That((await ConnectAsync(server)).Subject, Is.EqualTo("CN=server"));
        _folder.Write("server.key", next.KeyPem);
        Assert.That((await ConnectAsync(server)).Subject, Is.EqualTo("CN=next"));

        Assert.That(
            server.Log.GetEntries(LogLevel.Error).Select(entry => entry.Message),
            Has.One.Items.And.One.Contains("cannot be used with"));
        Assert.That(server.Log.GetEntries(LogLevel.Information).Select(entry => entry.Message), Is.EqualTo(new[]
        {
            $"{_folder.Path}/server.crt, {_folder.Path}/server.key changed. The new content is in use.",
        }));
        Assert.That(server.Log.Entries.Select(entry => entry.Message), Has.None.Contains("PRIVATE"));
    }

    [Test]
    public async Task Certificate_stays_in_use_with_one_error_if_its_key_is_deleted()
    {
        await using var server = await AccessServer.StartAsync(_config);
        File.Delete(Path.Combine(_folder.Path, "server.key"));

        Assert.That(await GetProtocolAsync(server), Is.EqualTo("HTTP/1.1"));
        Assert.That(await GetProtocolAsync(server), Is.EqualTo("HTTP/1.1"));
        Assert.That(server.Log.GetEntries(LogLevel.Error).Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Certificate_that_expires_is_served_with_one_warning()
    {
        var now = DateTimeOffset.UtcNow;
        using var certificate = _root.IssueServer(expiry: now.AddDays(2));
        certificate.Write(_folder.Path);
        var time = new FakeTimeProvider(now);
        await using var server = await AccessServer.StartAsync(_config, time: time);
        await ConnectAsync(server);
        Assert.That(server.Log.Warnings, Is.Empty);

        time.Advance(TimeSpan.FromDays(3));
        await ConnectAsync(server);
        await ConnectAsync(server);

        Assert.That(server.Log.Warnings, Is.EqualTo(new[]
        {
            $"The certificate {_folder.Path}/server.crt expired at " +
            $"{certificate.Certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm:ss}Z. " +
            "It is still served, but Prometheus rejects it. Replace it.",
        }));
    }

    [Test]
    public async Task Expired_certificate_is_served_and_clients_reject_it()
    {
        using var certificate = _root.IssueServer(expiry: DateTimeOffset.UtcNow.AddDays(-1));
        certificate.Write(_folder.Path);
        await using var server = await AccessServer.StartAsync(_config);

        Assert.That(server.Log.Warnings.Count(), Is.EqualTo(1));
        Assert.That((await ConnectAsync(server)).Subject, Is.EqualTo("CN=server"));
        Assert.That(() => GetProtocolAsync(server), Throws.TypeOf<HttpRequestException>()
            .With.InnerException.Message.Contains("NotTimeValid"));
    }

    [Test]
    public async Task User_that_was_removed_before_the_key_was_replaced_is_rejected_afterwards()
    {
        using var next = _root.IssueServer("next");
        var hash = $"{BCrypt.Net.BCrypt.HashPassword("right", 4)}\n";
        await File.AppendAllTextAsync(_config, $"basic_auth_users:\n  alice: {hash}  bob: {hash}");
        await using var server = await AccessServer.StartAsync(_config);
        Assert.That(await GetStatusAsync("bob"), Is.EqualTo(HttpStatusCode.OK));

        _folder.Write("server.crt", next.CertificatePem);
        await File.WriteAllTextAsync(_config, $"{Files}basic_auth_users:\n  alice: {hash}");
        Assert.That(await GetStatusAsync("bob"), Is.EqualTo(HttpStatusCode.OK));
        _folder.Write("server.key", next.KeyPem);

        Assert.That(await GetStatusAsync("bob"), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await GetStatusAsync("alice"), Is.EqualTo(HttpStatusCode.OK));

        async Task<HttpStatusCode> GetStatusAsync(string name)
        {
            using var response = await server.GetAsync(
                AccessServer.CreateBasic(name, "right"), handler: _root.CreateHandler());
            return response.StatusCode;
        }
    }

    [Test]
    public void Certificate_with_an_unsupported_key_is_an_error()
    {
        // ML-DSA-44, which OpenSSL before 3.5 does not support.
        var key = new PublicKey(new Oid("2.16.840.1.101.3.4.3.17"), null, new AsnEncodedData(new byte[1312]));
        using var signer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest(new X500DistinguishedName("CN=x"), key, HashAlgorithmName.SHA256)
            .Create(new X500DistinguishedName("CN=x"), X509SignatureGenerator.CreateForECDsa(signer),
                DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1), [1]);
        _folder.Write("server.crt", certificate.ExportCertificatePem());

        Assert.That(() => AccessServer.CreateAccess(new(), _config), Throws.TypeOf<ConfigurationException>()
            .With.Message.Contains("cannot be used with"));
    }

    [Test]
    public async Task Adding_or_removing_TLS_needs_a_restart()
    {
        await using var server = await AccessServer.StartAsync(_config);
        await File.WriteAllTextAsync(_config, "");

        Assert.That(await GetProtocolAsync(server), Is.EqualTo("HTTP/1.1"));
        Assert.That(server.Log.GetEntries(LogLevel.Error).Single().Message, Does.EndWith(
            $"{_config}: tls_server_config was added or removed. Restart the exporter to apply the file."));
    }

    private async Task<string> GetProtocolAsync(AccessServer server, Version? version = null)
    {
        using var response = await server.GetAsync(handler: _root.CreateHandler(), version: version);
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>Connects without verifying the certificate.</summary>
    private static async Task<(SslProtocols Protocol, TlsCipherSuite Suite, string Subject)> ConnectAsync(
        AccessServer server, SslProtocols protocols = SslProtocols.None)
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "127.0.0.1",
            EnabledSslProtocols = protocols,
            RemoteCertificateValidationCallback = (_, sent, _, _) => sent is not null,
        }).Soon();
        return (tls.SslProtocol, tls.NegotiatedCipherSuite, ((X509Certificate2)tls.RemoteCertificate!).Subject);
    }
}
