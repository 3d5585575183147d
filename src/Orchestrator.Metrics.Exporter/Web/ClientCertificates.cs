using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>Decides which client certificates are accepted. Thread-safe.</summary>
/// <param name="mode">Whether a certificate is requested, required and verified.</param>
/// <param name="authorities">The certificates of the client CA; empty if no certificate is verified.</param>
/// <param name="names">The allowed alternative names; a certificate needs at least one. Empty to allow all.</param>
internal sealed class ClientCertificates(
    ClientCertificateMode mode, X509Certificate2Collection authorities, IReadOnlyList<string> names)
{
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    /// <summary>Whether the server requests a client certificate.</summary>
    public bool AreRequested => mode != ClientCertificateMode.NoClientCert;

    /// <summary>
    /// The rules of the verification. Only the client CA is trusted, and no address in a certificate is fetched.
    /// </summary>
    public X509ChainPolicy ChainPolicy { get; } = CreatePolicy(authorities);

    /// <summary>Returns whether a client may connect.</summary>
    /// <param name="certificate">The certificate of the client; null if there is none.</param>
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
