using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Redis;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Tests;

public class ConfigurationTests
{
    private const string Url =
        "The configuration of Redis is a URL. Write redis.example.org:6379,password=<password>.";

    private const string TlsUrl =
        "The configuration of Redis is a URL. Write redis.example.org:6379,password=<password>,ssl=true.";

    private const string NoServer =
        "The configuration of Redis names no server. Write redis.example.org:6379,password=<password>.";

    private const string NoPart = "is neither a server with a port nor an option. Write " +
        "redis.example.org:6379,password=<password>, with a password that contains no comma.";

    private const string NoOption =
        "has an unknown option or an invalid value. Correct it. A password must not contain a comma.";

    private const string NoPassword = "has an unknown option or an invalid value. Did you mean 'password'? A password " +
        "must not contain a comma.";

    private const string NoTimeout = "has an unknown option or an invalid value. Did you mean 'connectTimeout'? A " +
        "password must not contain a comma.";

    [TestCase("redis:6379")]
    [TestCase("redis")]
    [TestCase("my_redis-0.example.org, 10.0.0.1:6380 ,[::1]:6379,")]
    [TestCase("::1")]
    [TestCase("[fe80::1%2]:6379")]
    [TestCase("!/run/redis.sock")]
    [TestCase("redis:6379,password=a@b://c")]
    [TestCase("password=a@b,redis:6379,user=c@d")]
    [TestCase("a:1,b:2,password=S3cret,ssl=true,abortConnect=false")]
    public void Valid_configuration_is_accepted(string configuration) =>
        Assert.That(Parse(configuration).EndPoints, Is.Not.Empty);

    [TestCase("redis:6379,passwrd=S3cret", 2, NoPassword)]
    [TestCase("redis:6379, PassWort = S3cret", 2, NoPassword)]
    [TestCase("redis:6379,ssl=true,connect_timeout=S3cret", 3, NoTimeout)]
    [TestCase("redis:6379,password=a,S3cret=b", 3, NoOption)]
    [TestCase("redis:6379,connectTimeout=S3cret", 2, NoOption)]
    [TestCase("redis:6379, SSL = S3cret", 2, NoOption)]
    [TestCase("abortConnect=maybe,redis:6379", 1, NoOption)]
    [TestCase("redis:6379,configuration=S3cret", 2, NoOption)]
    [TestCase("user:S3=cret@redis:6379", 1, NoPart)]
    [TestCase("redis:6379:S3cret", 1, NoPart)]
    [TestCase("redis:6379/S3cret", 1, NoPart)]
    [TestCase("redis S3cret", 1, NoPart)]
    [TestCase("redis:6379,S3cret", 2, NoPart)]
    [TestCase("redis:6379,:S3cret", 2, NoPart)]
    [TestCase("redis:6379,!/S3cret", 2, NoPart)]
    [TestCase("redis:6379,abcd:ef::S3cret", 2, NoPart)]
    [TestCase("redis:6379,user:S3cret@redis2:6379", 2, NoPart)]
    [TestCase("redis:6379,redis://:S3cret@redis2:6379", 2, NoPart)]
    [TestCase("redis:6379, user:S3=cret@redis2:6379", 2, NoPart)]
    public void Error_names_the_part_and_no_secret(string configuration, int part, string problem) =>
        AssertError(configuration, $"Part {part} of the comma-separated configuration of Redis {problem}");

    [TestCase("redis:6379,tunnel=S3cret", "The configuration of Redis " + NoOption)]
    [TestCase("password=S3cret", NoServer)]
    [TestCase("redis://:S3cret@127.0.0.1:6379/0", Url)]
    [TestCase("rediss://user:S3cret@redis:6379", TlsUrl)]
    [TestCase("REDISS://redis:6379", TlsUrl)]
    [TestCase("rediss@redis", Url)]
    [TestCase("redis://:S3=cret,S3cret@redis:6379", Url)]
    [TestCase("user:S3cret@redis:6379", Url)]
    [TestCase("S3cret@redis", Url)]
    public void Error_of_the_whole_configuration_names_no_secret(string configuration, string error) =>
        AssertError(configuration, error);

    [TestCase("localhost:6379", 750)]
    [TestCase("localhost:6379,connectTimeout=7000,ssl=true", 7000)]
    public void Connect_timeout_is_shorter_than_that_of_a_command_unless_configured(string configuration, int expected) =>
        Assert.That(Parse(configuration).ConnectTimeout, Is.EqualTo(expected));

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("ssl=true")]
    public void Invalid_configuration_is_an_error_at_registration(string configuration) => Assert.That(
        () => new ServiceCollection().AddOrchestratorMetrics().ShareResultsInRedis(configuration),
        Throws.ArgumentException.With.Property("ParamName").EqualTo("configuration"));

    [Test]
    public void Each_suggested_option_exists()
    {
        foreach (var option in RedisConfiguration.Options)
            Assert.That(Parsing(option), Does.Not.Contain("is not supported"));
        Assert.That(Parsing("nix"), Does.Contain("Keyword 'nix' is not supported"));

        static string Parsing(string option)
        {
            try
            {
                return ConfigurationOptions.Parse($"redis:6379,{option}=1").ToString();
            }
            catch (Exception exception)
            {
                return exception.Message;
            }
        }
    }

    [Test]
    public void Parsed_configuration_is_a_service()
    {
        var builder = new ServiceCollection().AddOrchestratorMetrics().ShareResultsInRedis("redis:6380,password=S3cret");
        using var services = builder.Services.BuildServiceProvider();

        var options = services.GetRequiredKeyedService<ConfigurationOptions>(typeof(ICollectorResultStore));

        Assert.That(options.EndPoints.Single().ToString(), Does.EndWith("redis:6380"));
        Assert.That(options.ConnectTimeout, Is.EqualTo(750));
        Assert.That(services.GetService<ConfigurationOptions>(), Is.Null);
    }

    private static void AssertError(string configuration, string error)
    {
        var exception = Assert.Throws<ArgumentException>(() => Parse(configuration))!;
        Assert.That(exception.Message, Is.EqualTo($"{error} (Parameter 'configuration')"));
        Assert.That(exception.ToString(), Does.Not.Contain("S3cret"));
    }

    private static ConfigurationOptions Parse(string configuration) =>
        RedisConfiguration.Parse(configuration, TimeSpan.FromSeconds(1));
}
