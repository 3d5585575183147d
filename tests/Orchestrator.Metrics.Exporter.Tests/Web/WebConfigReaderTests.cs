using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Metrics.Exporter.Web;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Web;

internal sealed class WebConfigReaderTests
{
    private const string Hash = "$2y$04$abcdefghijklmnopqrstuuWr0dhxBmkRjEpgzNLnmMXXIcTIOLwS6";

    private const string Tls = "tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n";

    [Test]
    public void Supported_keys_are_read()
    {
        using var folder = new TemporaryFolder();
        using var root = TestCertificate.CreateRoot();
        using var server = root.IssueServer();
        server.Write(folder.Path);
        root.Write(folder.Path, "ca");

        var config = Read(
            $$"""
            tls_server_config:
              cert_file: server.crt
              key_file: {{folder.Path}}/server.key
              client_auth_type: RequireAndVerifyClientCert
              client_ca_file: ca.crt
              client_allowed_sans: [prometheus.example.org]
              min_version: TLS12
              max_version: TLS13
              cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]
              prefer_server_cipher_suites: true
            http_server_config:
              http2: false
              headers:
                Content-Security-Policy: default-src 'none'
                X-Frame-Options: deny
                X-Content-Type-Options: nosniff
                X-XSS-Protection: ""
                Strict-Transport-Security: max-age=60
            basic_auth_users:
              alice: {{Hash}}
              bob: '{{Hash}}'
            """,
            Path.Combine(folder.Path, "web.yml"));

        Assert.That(config.Tls!.Current.VerifiesClients, Is.True);
        Assert.That(config.Headers.Keys, Is.EquivalentTo(new[]
        {
            "Content-Security-Policy", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options",
        }));
        Assert.That(config.Users, Is.Not.Null);
    }

    [Test]
    public void Certificates_can_be_in_the_configuration_itself()
    {
        using var root = TestCertificate.CreateRoot();
        using var server = root.IssueServer();

        var config = Read($"""
            tls_server_config:
              client_auth_type: VerifyClientCertIfGiven
              cert: |
                {Indent(server.CertificatePem)}
              key: |
                {Indent(server.KeyPem)}
              client_ca: |
                {Indent(root.CertificatePem)}
            """);

        Assert.That(
            config.Tls!.Current.Connection.ServerCertificateContext!.TargetCertificate, Is.EqualTo(server.Certificate));

        static string Indent(string pem) => pem.Trim().Replace("\n", "\n    ", StringComparison.Ordinal);
    }

    [Test]
    public void Empty_file_configures_nothing() =>
        Assert.That((Read("").Tls, Read("").Users), Is.EqualTo(((object?)null, (object?)null)));

    [TestCase("tls: {}", "web.yml:1:1: The key 'tls' is unknown.")]
    [TestCase("basic_auth_users: {}\nbasic_auth_users: {}", "web.yml:2:1: ")]
    [TestCase("tls_server_config: {cert_file: a.crt}", "web.yml:1:20: The key 'key_file' is missing. Add it.")]
    [TestCase("tls_server_config: {key_file: a.key}", "web.yml:1:20: The key 'cert_file' is missing. Add it.")]
    [TestCase(Tls + "  cert: x", "web.yml:2:14: 'cert' and 'cert_file' are mutually exclusive. Set only one of them.")]
    [TestCase(Tls + "  cert_fil: x", "web.yml:4:3: The key 'cert_fil' is unknown. Did you mean 'cert_file'?")]
    [TestCase(Tls + "  min_version: TLS11", "web.yml:4:16: 'TLS11' is not supported. Write one of: TLS12, TLS13.")]
    [TestCase(Tls + "  min_version: TLS13\n  max_version: TLS12", "web.yml:4:3: min_version is higher than max_version.")]
    [TestCase(Tls + "  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]", "web.yml:4:19: 'TLS_RSA_WITH_RC4_128_SHA' is not a")]
    [TestCase(Tls + "  curve_preferences: [X25519]", "web.yml:4:3: curve_preferences is not supported")]
    [TestCase(Tls + "  prefer_server_cipher_suites: false", "web.yml:4:3: 'false' is not supported")]
    [TestCase(Tls + "  client_auth_type: Always", "web.yml:4:21: 'Always' is not supported. Write one of: NoClientCert,")]
    [TestCase(Tls + "  client_auth_type: VerifyClientCertIfGiven", "web.yml:4:3: 'VerifyClientCertIfGiven' needs the CA")]
    [TestCase(Tls + "  client_auth_type: RequireAndVerifyClientCert", "web.yml:4:3: 'RequireAndVerifyClientCert' needs")]
    [TestCase(Tls + "  client_ca_file: ca.crt", "web.yml:4:3: The server does not request client certificates.")]
    [TestCase(Tls + "  client_allowed_sans: [a]", "web.yml:4:3: Clients without a certificate have no names.")]
    [TestCase("http_server_config: {headers: {Server: x}}", "web.yml:1:32: The key 'Server' is unknown.")]
    [TestCase("http_server_config: {headers: {X-Frame-Options: x}}", "web.yml:1:49: 'x' is not supported. Write deny or")]
    [TestCase("http_server_config: {headers: {X-XSS-Protection: \"a\\nb\"}}", "web.yml:1:50: A header must be a line")]
    [TestCase("rate_limit: {interval: 1s}", "web.yml:1:1: rate_limit is not supported.")]
    [TestCase("basic_auth_users: {a: S3cret}", "web.yml:1:23: The value is not a bcrypt hash.")]
    [TestCase("basic_auth_users: {a: [S3cret]}", "web.yml:1:23: Expected a string, but this is a list.")]
    [TestCase("basic_auth_users: {'a:b': " + Hash + "}", "web.yml:1:20: The name of a user must not be empty or")]
    [TestCase("basic_auth_users: {a: $2y$17$abcdefghijklmnopqrstuuWr0dhxBmkRjEpgzNLnmMXXIcTIOLwS6}",
        "web.yml:1:23: The cost of the bcrypt hash is above 16")]
    public void Errors_have_positions_and_no_secrets(string yaml, string error)
    {
        var exception = Assert.Throws<ConfigurationException>(() => Read(yaml))!;

        Assert.That(exception.Errors, Has.Count.EqualTo(1).And.One.StartsWith(error));
        Assert.That(exception.Message, Does.Not.Contain("S3cret").And.Not.Contain("$2y"));
    }

    [Test]
    public void Certificates_that_cannot_be_used_are_errors()
    {
        using var folder = new TemporaryFolder();
        using var root = TestCertificate.CreateRoot();
        using var server = root.IssueServer();
        using var other = root.IssueServer();
        server.Write(folder.Path);
        other.Write(folder.Path, "other");
        folder.Write("encrypted.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----");
        var path = Path.Combine(folder.Path, "web.yml");

        Assert.That(
            GetError("missing.crt", "server.key"),
            Does.StartWith($"The file '{folder.Path}/missing.crt' does not exist."));
        Assert.That(
            GetError("server.crt", "other.key"),
            Does.StartWith($"{folder.Path}/server.crt: The certificate cannot be used with the key '{folder.Path}/other.key'."));
        Assert.That(GetError("server.key", "server.key"), Does.Contain("cannot be used with the key"));
        Assert.That(
            GetError("server.crt", "encrypted.key"), Does.Contain("encrypted.key: The private key is encrypted."));
        Assert.That(
            GetError(
                "server.crt", "server.key", "  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: other.crt"),
            Is.EqualTo($"{folder.Path}/other.crt: The root certificate is missing. Add the root of the client CA, in PEM."));

        string GetError(string certificate, string key, string more = "") => Assert.Throws<ConfigurationException>(
            () => Read($"tls_server_config:\n  cert_file: {certificate}\n  key_file: {key}\n{more}", path))!.Message;
    }

    private static WebConfig Read(string yaml, string path = "web.yml") =>
        WebConfigReader.Read(path, yaml, NullLogger.Instance);
}
