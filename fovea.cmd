@echo off
rem Starts Fovea's command line on Windows. Untested there: it was tried in Wine's shell, with stand-ins for Java and Maven.
rem
rem   FOVEA_JAVA_HOME   the JDK to use (else JAVA_HOME, java on the PATH, the usual folders)
rem   FOVEA_JAVA_OPTS   more JVM options, separated by spaces
rem
rem It builds once, by Maven. Unlike the script it does not see that sources have changed: delete fovea-cli\target to build again. It runs
rem from the folder of the build, and keeps no archive of classes.
setlocal EnableExtensions DisableDelayedExpansion

set "root=%~dp0"
call :find_jdk
if errorlevel 1 exit /b 1
call :find_jars
if errorlevel 1 exit /b 1
"%jdk%\bin\java.exe" "@%root%jvm.options" -Xlog:disable -Xlog:all=warning:stderr %FOVEA_JAVA_OPTS% -p "%lib%" -m dev.fovea.cli/dev.fovea.cli.Main %*
exit /b %errorlevel%

rem ---- The JDK

rem Sets jdk, or fails.
:find_jdk
set "jdk=" & set "newer="
if defined FOVEA_JAVA_HOME goto told
if defined JAVA_HOME call :consider "%JAVA_HOME%"
for %%j in (java.exe) do if not "%%~$PATH:j"=="" call :consider "%%~dp$PATH:j.."
for %%p in (
  "%ProgramFiles%\Java"
  "%ProgramFiles%\Eclipse Adoptium"
  "%ProgramFiles%\Microsoft"
  "%ProgramFiles%\Zulu"
  "%ProgramFiles%\Amazon Corretto"
  "%ProgramFiles%\BellSoft"
  "%LOCALAPPDATA%\Programs\Eclipse Adoptium"
  "%USERPROFILE%\.jdks"
  "%USERPROFILE%\.gradle\jdks"
) do for /d %%h in ("%%~p\*") do call :consider "%%~h"
if not defined jdk set "jdk=%newer%"
if defined jdk exit /b 0
>&2 echo fovea: no JDK 25.0.3 or later found (looked in JAVA_HOME and the usual folders): install one, or set FOVEA_JAVA_HOME to its folder
exit /b 1

:told
call :consider "%FOVEA_JAVA_HOME%"
if not defined jdk set "jdk=%newer%"
if defined jdk exit /b 0
>&2 echo fovea: FOVEA_JAVA_HOME="%FOVEA_JAVA_HOME%" must be a JDK 25.0.3 or later: set it to one, or unset it
exit /b 1

rem The first good 25 becomes jdk; a later release is kept as newer for want of one.
:consider
if defined jdk exit /b 0
if not exist "%~1\bin\java.exe" exit /b 0
if not exist "%~1\release" exit /b 0
set "version="
for /f "usebackq tokens=1,2 delims==" %%a in ("%~1\release") do if "%%a"=="JAVA_VERSION" set "version=%%~b"
if not defined version exit /b 0
rem Digits and dots alone, unlike 26-ea.
for /f "delims=0123456789." %%x in ("%version%") do exit /b 0
rem 25.0.3 is 25000003. Before it G1 may move arrays that are pinned (JDK-8377811).
set "number=0"
for /f "tokens=1-3 delims=." %%a in ("%version%.0.0") do set /a "number=%%a*1000000+%%b*1000+%%c"
if %number% lss 25000003 exit /b 0
if %number% lss 26000000 set "jdk=%~1" & exit /b 0
if not defined newer set "newer=%~1"
exit /b 0

rem ---- The build

rem Sets lib to the folder of the jars, after a build if there are none, or fails. The file .built is the last that a build writes.
:find_jars
set "lib=%root%fovea-cli\target\lib"
if exist "%lib%\.built" exit /b 0
set "lib=%root%fovea-cli\target\launcher\lib"
if exist "%lib%\.built" exit /b 0
set "mvn="
for %%m in (mvn.cmd) do set "mvn=%%~$PATH:m"
if not defined mvn (
  >&2 echo fovea: not built yet, and mvn is not on the PATH: install Maven 3.8 or later
  exit /b 1
)
if not exist "%jdk%\bin\javac.exe" (
  >&2 echo fovea: not built yet, and "%jdk%" has no javac: set FOVEA_JAVA_HOME to a JDK 25.0.3 or later
  exit /b 1
)
>&2 echo fovea: building, which takes a minute the first time
if not exist "%root%target" mkdir "%root%target"
set "JAVA_HOME=%jdk%"
pushd "%root%"
call "%mvn%" -B -ntp -q -pl fovea-cli -am package -Dfovea.unchecked -Dfovea.target=target/launcher "-Dfovea.jdk=[25.0.3,)" -Dmaven.test.skip=true -DskipITs -Djacoco.skip=true -Dinvoker.skip=true -Dmaven.source.skip=true -Dmaven.javadoc.skip=true >"%root%target\build.log" 2>&1 <nul
popd
if exist "%lib%\.built" exit /b 0
>&2 echo fovea: the build failed, see "%root%target\build.log"
exit /b 1
