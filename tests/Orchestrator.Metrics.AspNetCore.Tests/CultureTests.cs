using System.Globalization;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// Analyzers report <c>ToString()</c> and <c>Parse</c> without a culture, but neither <c>$"{seconds}"</c> nor
/// <c>"" + seconds</c>. Both compile to calls that are visible in the assembly.
/// </summary>
public class CultureTests
{
    private static readonly string[] Dependent =
    [
        "System.Double", "System.Single", "System.Decimal", "System.Half",
        "System.DateTime", "System.DateTimeOffset", "System.DateOnly", "System.TimeOnly",
    ];

    // Without a format their text depends on the culture in the sign of negative numbers only, or not at all.
    private static readonly string[] DependentWithFormat =
    [
        "System.Byte", "System.SByte", "System.Int16", "System.UInt16", "System.Int32", "System.UInt32",
        "System.Int64", "System.UInt64", "System.IntPtr", "System.UIntPtr", "System.TimeSpan",
    ];

    private static IEnumerable<string> Libraries => Directory
        .GetFiles(AppContext.BaseDirectory, "Orchestrator.Metrics*.dll")
        .Select(path => Path.GetFileName(path))
        .Where(name => !name.EndsWith(".Tests.dll", StringComparison.Ordinal));

    [Test]
    public void Culture_check_covers_every_library() => Assert.That(
        Libraries,
        Is.EquivalentTo(new[]
        {
            "Orchestrator.Metrics.dll", "Orchestrator.Metrics.AspNetCore.dll",
            "Orchestrator.Metrics.OpenTelemetry.dll", "Orchestrator.Metrics.OrchestratorApi.dll",
            "Orchestrator.Metrics.PrometheusNet.dll",
            "Orchestrator.Metrics.Redis.dll", "Orchestrator.Metrics.Relational.dll", "Orchestrator.Metrics.Testing.dll",
        }));

    [TestCaseSource(nameof(Libraries))]
    public void Library_strings_do_not_depend_on_the_culture(string library)
    {
        using var module = ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, library));

        Assert.That(
            module.GetTypes().SelectMany(type => type.Methods).Where(method => !IsExcepted(method))
                .SelectMany(DependentCalls),
            Is.Empty,
            "Use string.Create(CultureInfo.InvariantCulture, …) or ToString(CultureInfo.InvariantCulture).");
    }

    [Test]
    public void Culture_check_finds_culture_dependent_strings()
    {
        using var module = ModuleDefinition.ReadModule(typeof(CultureTests).Assembly.Location);
        var type = module.GetType(typeof(CultureTests).FullName + "/" + nameof(Probe));

        Assert.That(
            type.Methods.Where(method => method.IsStatic).Select(method => (method.Name, DependentCalls(method).Any())),
            Is.EqualTo(new[]
            {
                (nameof(Probe.Interpolated), true),
                (nameof(Probe.InterpolatedWithFormat), true),
                (nameof(Probe.Concatenated), true),
                (nameof(Probe.ConcatenatedTime), true),
                (nameof(Probe.Joined), true),
                (nameof(Probe.Invariant), false),
                (nameof(Probe.Integer), false),
                (nameof(Probe.Hexadecimal), false),
            }));
    }

    // The compiler generates PrintMembers for the ToString method of records, which the libraries do not call.
    // The coverage collector adds a type to each library.
    private static bool IsExcepted(MethodDefinition method) =>
        method.Name == "PrintMembers"
        || method.DeclaringType.Namespace.StartsWith("Coverlet.", StringComparison.Ordinal);

    /// <summary>Returns the calls in a method that format a value with the current culture.</summary>
    private static IEnumerable<string> DependentCalls(MethodDefinition method)
    {
        if (!method.HasBody)
            yield break;
        var hasProvider = false;
        var constrained = "";
        foreach (var instruction in method.Body.Instructions)
        {
            if (instruction.OpCode == OpCodes.Constrained)
                constrained = ((TypeReference)instruction.Operand).FullName;
            if (instruction.Operand is not MethodReference called)
                continue;
            if (IsHandler(called) && called.Name == ".ctor")
                hasProvider = called.Parameters.Count > 2;
            else if (IsDependent(called, hasProvider, HasFormat(instruction), constrained))
                yield return $"{method.FullName}: {called.FullName}";
            constrained = "";
        }
    }

    private static bool IsDependent(MethodReference called, bool hasProvider, bool hasFormat, string constrained)
    {
        var type = called is GenericInstanceMethod generic ? Value(generic.GenericArguments[0]) : "";
        return called.Name switch
        {
            "AppendFormatted" => IsHandler(called) && !hasProvider
                && (Dependent.Contains(type) || (hasFormat && DependentWithFormat.Contains(type))),
            "Join" or "Concat" => called.DeclaringType.FullName == "System.String" && Dependent.Contains(type),
            "ToString" => called.Parameters.Count == 0
                && (Dependent.Contains(called.DeclaringType.FullName) || Dependent.Contains(constrained)),
            _ => false,
        };
    }

    // Hexadecimal digits are the same in every culture.
    private static bool HasFormat(Instruction call) =>
        call.Previous is { OpCode.Code: Code.Ldstr, Operand: string format }
        && !format.StartsWith("X", StringComparison.OrdinalIgnoreCase);

    private static bool IsHandler(MethodReference called) =>
        called.DeclaringType.FullName == "System.Runtime.CompilerServices.DefaultInterpolatedStringHandler";

    private static string Value(TypeReference type) =>
        type is GenericInstanceType { ElementType.FullName: "System.Nullable`1" } nullable
            ? nullable.GenericArguments[0].FullName
            : type.FullName;

    private static class Probe
    {
        public static string Interpolated(double? seconds) => $"{seconds} s";

        public static string InterpolatedWithFormat(long count) => $"{count:N0} rows";

#pragma warning disable CA1305 // The violations that the test has to find.
        public static string Concatenated(double seconds) => "seconds: " + seconds;

        public static string ConcatenatedTime(DateTimeOffset time) => "at " + time;
#pragma warning restore CA1305

        public static string Joined(IEnumerable<decimal> values) => string.Join(';', values);

        public static string Invariant(double seconds) =>
            string.Create(CultureInfo.InvariantCulture, $"{seconds:0.###} s");

        public static string Integer(int count) => $"{count} rows";

        public static string Hexadecimal(int codePoint) => $"U+{codePoint:X4}";
    }
}
