"""Groups of workers that Daft's scheduler takes for one worker each."""
