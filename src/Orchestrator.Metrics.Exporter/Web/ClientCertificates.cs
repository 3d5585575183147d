using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>Decides which client certificates are accepted. Thread-safe.</summary>
internal sealed class ClientCertificates(
    ClientCertificateMode mode, X509Certificate2Collection authorities, IReadOnlyList<string> names)
{
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    public bool AreRequested => mode != ClientCertificateMode.NoClientCert;

    // Only the client CA is trusted, and no address in a certificate is fetched.
    public X509ChainPolicy ChainPolicy { get; } = CreatePolicy(authorities);

    /// <param name="certificate">Null if the client has none.</param>
    /// <param name="errors">The result of the verification with <see cref="ChainPolicy"/>.</param>
    public bool Accepts(X509Certificate? certificate, SslPolicyErrors errors) => mode switch
    {
        _ when certificate is null => mode is not (
            ClientCertificateMode.RequireAnyClientCert or ClientCertificateMode.RequireAndVerifyClientCert),
        ClientCertificateMode.VerifyClientCertIfGiven or ClientCertificateMode.RequireAndVerifyClientCert =>
            errors == SslPolicyErrors.None && HasName(certificate),
        _ => HasName(certificate),
    };

    private bool HasName(X509Certificate certificate) => names.Count == 0
        || (certificate is X509Certificate2 given && AlternativeNames.Read(given).Any(names.Contains));

    private static X509ChainPolicy CreatePolicy(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        policy.ApplicationPolicy.Add(ClientAuthentication);
        return policy;
    }
}
