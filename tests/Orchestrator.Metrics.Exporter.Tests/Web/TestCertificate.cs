using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Metrics.Exporter.Tests.Web;

/// <summary>A certificate and its private key. Can issue other certificates.</summary>
internal sealed class TestCertificate : IDisposable
{
    private static int _serial;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private TestCertificate(
        string name, TestCertificate? issuer, string? usage, DateTimeOffset? expiry,
        Action<SubjectAlternativeNameBuilder>? names)
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(usage is null, false, 0, true));
        if (usage is not null)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], true));
        var alternatives = new SubjectAlternativeNameBuilder();
        names?.Invoke(alternatives);
        if (names is not null)
            request.CertificateExtensions.Add(alternatives.Build());
        var end = expiry ?? DateTimeOffset.UtcNow.AddYears(1);
        if (issuer is null)
        {
            Certificate = request.CreateSelfSigned(end.AddYears(-3), end.AddYears(1));
            return;
        }

        using var issued = request.Create(
            issuer.Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer._key), end.AddYears(-2), end,
            BitConverter.GetBytes(Interlocked.Increment(ref _serial)));
        Certificate = issued.CopyWithPrivateKey(_key);
    }

    public X509Certificate2 Certificate { get; }

    public string CertificatePem => Certificate.ExportCertificatePem() + "\n";

    public string KeyPem => _key.ExportPkcs8PrivateKeyPem() + "\n";

    public static TestCertificate CreateRoot(string name = "root") => new(name, null, null, null, null);

    public TestCertificate IssueIntermediate() => new("intermediate", this, null, null, null);

    /// <summary>Issues a server certificate for 127.0.0.1, or for the given names.</summary>
    public TestCertificate IssueServer(
        string name = "server", DateTimeOffset? expiry = null, Action<SubjectAlternativeNameBuilder>? names = null) =>
        new(name, this, "1.3.6.1.5.5.7.3.1", expiry, names ?? (names => names.AddIpAddress(IPAddress.Loopback)));

    public TestCertificate IssueClient(
        DateTimeOffset? expiry = null, Action<SubjectAlternativeNameBuilder>? names = null) =>
        new("client", this, "1.3.6.1.5.5.7.3.2", expiry, names);

    /// <summary>Writes name.crt and name.key.</summary>
    public void Write(string folder, string name = "server")
    {
        File.WriteAllText(Path.Combine(folder, name + ".crt"), CertificatePem);
        File.WriteAllText(Path.Combine(folder, name + ".key"), KeyPem);
    }

    /// <summary>Creates a handler that trusts only this root, and opens a connection for each request.</summary>
    public SocketsHttpHandler CreateHandler(X509Certificate2? client = null)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.Add(Certificate);
        return new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.Zero,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = policy,
                LocalCertificateSelectionCallback = client is null ? null : (_, _, _, _, _) => client,
            },
        };
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }
}
